"""Starts moto with the calls that this version of it lacks, each answered as to an account that has nothing of the kind.

The names of the members are those of botocore's service models, which moto itself answers by. A test that needs
something to be found puts its own answer before moto.
"""

import functools
import gc
import io
import json
import logging

import moto.core.responses
import moto.server
from moto import backends
from moto.bedrock.responses import BedrockResponse
from moto.cloudwatch.models import CloudWatchBackend
from moto.core import utils
from moto.core.base_backend import AccountSpecificBackend
from moto.core.responses import ActionResult
from moto.core.serialize import XFormedAttributePicker
from moto.core.utils import unix_time, unix_time_millis
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table
from moto.ec2.responses import EC2Response
from moto.elasticache.responses import ElastiCacheResponse
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler
from moto.sagemaker.responses import SageMakerResponse
from moto.server import main
from moto.sqs.exceptions import ReceiptHandleIsInvalid
from moto.sqs.models import Queue, SQSBackend
from werkzeug.exceptions import InternalServerError

LACKING = [
    (SageMakerResponse, "list_apps", {"Apps": []}),
    (SageMakerResponse, "list_spaces", {"Spaces": []}),
    (SageMakerResponse, "list_user_profiles", {"UserProfiles": []}),
    (ElastiCacheResponse, "describe_serverless_caches", {"ServerlessCaches": []}),
    (EC2Response, "describe_capacity_reservations", {"CapacityReservations": []}),
]
LACKING_REST = [
    (BedrockResponse, "list_provisioned_model_throughputs", {"provisionedModelSummaries": []}),
    (BedrockResponse, "list_inference_profiles", {"inferenceProfileSummaries": []}),
]


def lack(response, name, answer):
    if hasattr(response, name):
        raise SystemExit(f"moto knows {name} by now: take it off this list")
    setattr(response, name, lambda self: answer)


for response, name, members in LACKING:
    lack(response, name, ActionResult(members))
for response, name, members in LACKING_REST:
    lack(response, name, json.dumps(members))


# A queue of thousands of messages was minutes of moto's work. With each message that is sent or received it counts all of
# the queue, some of it three times, and reads the clock for each of them: here once a count. The answers are moto's.
def visible_messages(self):
    now = unix_time_millis()
    return [each for each in self._messages if each.visible_at < now and each.delayed_until <= now]


def not_visible(self):
    now = unix_time_millis()
    return sum(1 for each in self._messages if each.visible_at >= now)


def delayed(self):
    now = unix_time_millis()
    return sum(1 for each in self._messages if each.delayed_until > now)


def still_kept(self, queue_name, message):
    kept = self.get_queue(queue_name).message_retention_period
    return kept + message.sent_timestamp / 1000 > unix_time()


def delete_message(self, receipt_handle):
    if receipt_handle in self.deleted_messages:
        return
    # Of two calls at once, moto's own may bring back what the other one took away.
    with self._messages_lock:
        for at, each in enumerate(self._messages):
            if each.receipt_handle == receipt_handle or receipt_handle in each._old_receipt_handles:
                self.pending_messages.discard(each)
                self.deleted_messages.update(each.all_receipt_handles)
                self._messages = self._messages[:at] + self._messages[at + 1 :]
                return
    raise ReceiptHandleIsInvalid()


Queue.messages = property(visible_messages)
Queue.approximate_number_of_messages_not_visible = property(not_visible)
Queue.approximate_number_of_messages_delayed = property(delayed)
Queue.delete_message = delete_message
SQSBackend.is_message_valid_based_on_retention_period = still_kept

# Half of moto's work on a call was to find out whose it is, and to write it down: for each it lists its own folders and
# tries the address of one service after the other, for each model it lists all of botocore's, for each account it
# works out the regions of every service. None of it changes while it runs.
modules = tuple(backends.list_of_moto_modules())
backends.list_of_moto_modules = lambda: modules
generate_regions = AccountSpecificBackend._generate_regions
regions_of = functools.cache(lambda service: tuple(generate_regions(AccountSpecificBackend, service)))
AccountSpecificBackend._generate_regions = lambda self, service_name: regions_of(service_name)
utils.create_loader = functools.cache(utils.create_loader)
DomainDispatcherApplication.get_backend_for_host = functools.cache(DomainDispatcherApplication.get_backend_for_host)
moto.core.responses.method_names_from_class = functools.cache(moto.core.responses.method_names_from_class)
possible_keys = XFormedAttributePicker.get_possible_keys


def keys_of(self, context):
    # They hang on the shape, whose parent stays the same, and on the class that the value is of.
    kept = context.shape.__dict__.setdefault("_keys", {})
    at = (type(context.obj), context.key)
    if at not in kept:
        kept[at] = tuple(dict.fromkeys(possible_keys(self, context)))
    return kept[at]


pick = XFormedAttributePicker.__call__


def picked(self, context):
    has_none = type(context.obj) is dict and context.obj.keys().isdisjoint(keys_of(self, context))
    return None if has_none and not self.response_transformers else pick(self, context)


XFormedAttributePicker.get_possible_keys = keys_of
XFormedAttributePicker.__call__ = picked

# Every query sorts all of the table, by comparing values that it makes anew for each comparison.
cast_value = DynamoType.cast_value.fget
DynamoType.cast_value = property(lambda self: self.value if self.type == "S" else cast_value(self))


def all_items(self):
    if not self.range_key_attr:
        return sorted(self.items.values(), key=lambda each: each.hash_key)
    items = [each for same in self.items.values() for each in same.values()]
    return sorted(items, key=lambda each: (each.hash_key.cast_value, each.range_key.cast_value))


Table.all_items = all_items


# Each list of metrics compares all data with all that it found so far; each query of their data looks at all there is of
# any metric, once for each of its periods.
def get_filtered_metrics(self, metric_name, namespace, dimensions):
    found = {}
    for each in self.get_all_metrics():
        if each.filter(namespace=namespace, name=metric_name, dimensions=dimensions):
            of = frozenset((one.name, one.value) for one in each.dimensions)
            found.setdefault((each.namespace, each.name, of) if of else id(each), each)
    return list(found.values())


get_metric_data = CloudWatchBackend.get_metric_data


class Narrow:
    """A backend that has the data of one name alone."""

    def __init__(self, backend, data):
        self.backend = backend
        self.data = data

    def __getattr__(self, name):
        return getattr(self.backend, name)

    def get_all_metrics(self):
        return self.data


def get_metric_data_narrowly(self, queries, *given, **named):
    if not all("MetricStat" in each for each in queries):
        return get_metric_data(self, queries, *given, **named)
    by_name = {}
    for each in self.get_all_metrics():
        by_name.setdefault(each.name, []).append(each)
    return [
        result
        for query in queries
        for result in get_metric_data(
            Narrow(self, by_name.get(query["MetricStat"]["Metric"]["MetricName"], [])), [query], *given, **named
        )
    ]


CloudWatchBackend.get_filtered_metrics = get_filtered_metrics
CloudWatchBackend.get_metric_data = get_metric_data_narrowly


class Kept(MotoRequestHandler):
    """Answers call after call on one connection: werkzeug ends it after each, which was more work than most calls are.

    Clients let go of it a second before the time that they are told; it is kept longer than that, so that none is ended
    that somebody still uses.
    """

    TOLD_SECONDS = 5
    timeout = 60
    disable_nagle_algorithm = True

    def run_wsgi(self):
        length = self.headers.get("content-length", "0")
        if "transfer-encoding" in self.headers or "expect" in self.headers or not length.isdigit():
            self.close_connection = True
            return super().run_wsgi()
        body = self.rfile.read(int(length))
        begun = []
        try:
            self.environ = {**self.make_environ(), "wsgi.input": io.BytesIO(body)}
            answer = b"".join(self.server.app(self.environ, lambda *given: begun.append(given)))
        except Exception:
            logging.exception("Error on request")
            begun = []
            answer = b"".join(InternalServerError()(self.environ, lambda *given: begun.append(given)))
        status, headers = begun[0][:2]
        code, said = status.split(None, 1)
        self.send_response(int(code), said)
        for name, value in headers:
            self.send_header(name, value)
        if not any(name.lower() == "content-length" for name, _ in headers) and int(code) not in (204, 304):
            self.send_header("Content-Length", str(len(answer)))
        if self.close_connection:
            self.send_header("Connection", "close")
        else:
            self.send_header("Keep-Alive", f"timeout={self.TOLD_SECONDS}")
        self._headers_buffer.append(b"\r\n" + answer)
        self.flush_headers()

    def log_request(self, *given):
        pass


moto.server.MotoRequestHandler = Kept
logging.getLogger("werkzeug").setLevel(logging.WARNING)

# What is loaded stays: the collector of garbage need not walk over it again and again.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 50)
main()

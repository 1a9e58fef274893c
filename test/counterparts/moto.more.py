"""Starts moto with the calls that this version of it lacks, each answered as to an account that has nothing of the kind.

The names of the members are those of botocore's service models, which moto itself answers by. A test that needs
something to be found puts its own answer before moto.
"""

import json

from moto.bedrock.responses import BedrockResponse
from moto.core.responses import ActionResult
from moto.ec2.responses import EC2Response
from moto.elasticache.responses import ElastiCacheResponse
from moto.sagemaker.responses import SageMakerResponse
from moto.server import main

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

main()

"""Milvus Lite on loopback, with a login where one is asked for: milvus.serve.py PORT FOLDER [TOKEN]"""

import base64
import sys
from concurrent import futures

import grpc
from milvus_lite.adapter.grpc.servicer import MilvusServicer
from milvus_lite.db import MilvusLite
from pymilvus.grpc_gen import milvus_pb2_grpc


class Login(grpc.ServerInterceptor):
    """Refuses what does not come with the token, as the proxy of Milvus does (internal/proxy/authentication_interceptor.go)."""

    def __init__(self, token):
        self.expected = base64.b64encode(token.encode()).decode()

    def intercept_service(self, continuation, details):
        given = dict(details.invocation_metadata).get("authorization")
        if given == self.expected:
            return continuation(details)

        def refuse(_request, context):
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "auth check failure, please check username and password are correct")

        return grpc.unary_unary_rpc_method_handler(refuse)


port, folder, *token = sys.argv[1:]
db = MilvusLite(folder)
server = grpc.server(
    futures.ThreadPoolExecutor(max_workers=8),
    interceptors=[Login(each) for each in token],
    options=[("grpc.max_receive_message_length", 2**28), ("grpc.max_send_message_length", 2**28)],
)
milvus_pb2_grpc.add_MilvusServiceServicer_to_server(MilvusServicer(db), server)
server.add_insecure_port(f"127.0.0.1:{port}")
server.start()
print("listening", flush=True)
try:
    server.wait_for_termination()
finally:
    server.stop(grace=1)
    db.close()

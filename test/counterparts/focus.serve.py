"""The FOCUS validator's own command line, asked over HTTP: its imports, a third of each run, are made once.

POST / with a JSON array of arguments answers what the command prints, and its exit code in the header `x-code`. Every
request has a process of its own, forked from this one before anything ran in it.
"""

import json
import os
import sys
import tempfile
import traceback
from http.server import BaseHTTPRequestHandler, HTTPServer
from socketserver import ForkingMixIn

from focus_validator import main as validator


class Server(ForkingMixIn, HTTPServer):
    pass


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer(0, b"")

    def do_POST(self):
        arguments = json.loads(self.rfile.read(int(self.headers["content-length"])))
        with tempfile.TemporaryFile() as report:
            os.dup2(report.fileno(), 1)
            os.dup2(report.fileno(), 2)
            sys.argv = ["focus-validator", *arguments]
            code = ended(validator.main)
            sys.stdout.flush()
            sys.stderr.flush()
            report.seek(0)
            self.answer(code, report.read())

    def answer(self, code, body):
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.send_header("x-code", str(code))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def ended(main):
    """The exit code that Python would give for what a main function does (Python documentation, sys.exit)."""
    try:
        main()
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        print(end.code, file=sys.stderr)
        return 1
    except Exception:
        traceback.print_exc()
        return 1
    return 0


Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()

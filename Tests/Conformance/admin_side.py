# SPDX-License-Identifier: Apache-2.0
"""A server's administration side, asked over HTTP; its metrics, read by other people's parsers."""

import http.client
import json
import re

from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as plain_text
from shop import eventually

FLAG = "--admin=127.0.0.1:0"
OPENMETRICS = "application/openmetrics-text; version=1.0.0"
ASK_SECONDS = 20


def address(server):
    """Where it listens: only the log says so."""
    found = eventually(lambda: re.search(r"admin (127\.0\.0\.1:\d+)", server.log()))
    return found.group(1)


class Admin:
    """One server's administration side."""

    def __init__(self, server):
        self.address = address(server)

    def ask(self, path, method="GET", **headers):
        """(status, headers, text)"""
        connection = http.client.HTTPConnection(self.address, timeout=ASK_SECONDS)
        try:
            connection.request(method, path, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()
        finally:
            connection.close()

    def text(self, path, method="GET"):
        status, _, text = self.ask(path, method)
        assert status == 200, text
        return text

    def json(self, path):
        return json.loads(self.text(path))

    def is_ready(self):
        return self.ask("/readyz")[0] == 200

    def families(self):
        """All families by name, as the parser of the text format reads them."""
        status, headers, text = self.ask("/metrics")
        assert status == 200
        assert headers["Content-Type"].startswith("text/plain; version=0.0.4")
        return {each.name: each for each in plain_text(text)}

    def open_families(self):
        """The same as OpenMetrics."""
        status, headers, text = self.ask("/metrics", Accept=OPENMETRICS)
        assert status == 200
        assert headers["Content-Type"].startswith(OPENMETRICS)
        assert text.endswith("# EOF\n")
        return {each.name: each for each in openmetrics(text)}

    def value(self, name, **labels):
        """A sample's value; 0 when there is none, as what never happened is left out."""
        for family in self.families().values():
            for sample in family.samples:
                if sample.name == name and labels.items() <= sample.labels.items():
                    return sample.value
        return 0

    def handled(self, method, code):
        return self.value("grpc_server_handled_total", grpc_method=method, grpc_code=code)

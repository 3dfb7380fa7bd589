"""`climb export --push`, by the Hub's own client, against a server on this machine that answers as the Hub does."""

import base64
import http.server
import json
import os
import re
import subprocess
import sys
import threading

import pytest

from climb.export.exporting import export
from tests.analysis.fake_runs import write_run


class Hub(http.server.BaseHTTPRequestHandler):
    """Takes repositories and commits, and keeps what they hold."""

    address: str
    created: list[dict]
    files: dict[str, bytes]
    refuses = False

    def do_POST(self):
        body = json_or_lines(self.rfile.read(int(self.headers["content-length"])))
        if self.refuses:
            return self.answer({"error": "Invalid credentials"}, 401)
        if self.path == "/api/repos/create":
            self.created.append(body)
            return self.answer({"url": f"{self.address}/someone/small"})
        if "/preupload/" in self.path:
            return self.answer(
                {
                    "files": [
                        {"path": f["path"], "uploadMode": "regular", "shouldIgnore": False} for f in body["files"]
                    ]
                }
            )
        if "/commit/" in self.path:
            assert self.path == "/api/models/someone/small/commit/main"
            for line in body[1:]:
                self.files[line["value"]["path"]] = base64.b64decode(line["value"]["content"])
            return self.answer({"commitUrl": f"{self.address}/someone/small/commit/1", "commitOid": "1" * 40})
        return self.answer({})

    def do_GET(self):
        self.answer({}, 401 if self.refuses else 200)

    def answer(self, value, code=200):
        data = json.dumps(value).encode()
        self.send_response(code)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


def json_or_lines(body):
    try:
        return json.loads(body)
    except json.JSONDecodeError:
        return [json.loads(line) for line in body.splitlines()]


@pytest.fixture
def hub():
    """Return the class whose attributes hold what was sent."""

    class Own(Hub):
        """One test's."""

    Own.created, Own.files = [], {}
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Own)
    Own.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Own
    server.shutdown()
    server.server_close()


@pytest.fixture
def run(tmp_path):
    folder = write_run(tmp_path / "run")
    (folder / "model" / "config.json").write_text('{"model_type": "llama"}')
    (folder / "model" / "model.safetensors").write_bytes(bytes(range(256)) * 40)
    return folder


def pushed(run, address):
    environment = os.environ | {"HF_ENDPOINT": address, "HF_TOKEN": "hf_test", "HF_HUB_OFFLINE": "0"}
    command = [sys.executable, "-m", "climb", "export", str(run), "--push", "--repo", "someone/small"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_every_file_of_the_export_arrives_as_it_is(hub, run):
    done = pushed(run, hub.address)
    assert done.returncode == 0, done.stderr
    assert f"Uploaded: {hub.address}/someone/small" in done.stdout
    assert [(one["organization"], one["name"], one["type"]) for one in hub.created] == [("someone", "small", "model")]
    folder, _ = export(run, None, None)
    assert hub.files == {path.name: path.read_bytes() for path in folder.iterdir() if path.name[0] != "."}
    assert "model.safetensors" in hub.files


def test_a_refusal_is_one_sentence_and_the_folder_stays(hub, run):
    hub.refuses = True
    done = pushed(run, hub.address)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert re.search(r"could not be uploaded .*log in with `hf auth login`", " ".join(done.stderr.split()))
    assert (run / "hub" / "model.safetensors").is_file()
    assert not hub.files

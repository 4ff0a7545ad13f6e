"""nginx in front of the site, as deploy/nginx.conf has it, but without a certificate and with less patience."""

import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from tests.fire.parts import ROOT, Program

PATIENCE_S = 3  # instead of client_header_timeout and client_body_timeout
MAIN = """{user}
daemon off; worker_processes 1; worker_rlimit_nofile 20000; pid {folder}/front.pid; error_log {folder}/front.log;
events {{ worker_connections 8192; }}
http {{
access_log off;
client_body_temp_path {folder}/front-body; proxy_temp_path {folder}/front-proxy; fastcgi_temp_path {folder}/front-fcgi;
uwsgi_temp_path {folder}/front-uwsgi; scgi_temp_path {folder}/front-scgi;
{site}
}}
"""


def is_there() -> bool:
    return shutil.which("nginx") is not None


def program(folder: Path, surroundings: Mapping[str, str], *, port: int, web: int) -> Program:
    file = folder / "nginx.conf"
    file.write_text(configuration(folder, port=port, web=web))
    command = ["nginx", "-e", f"{folder}/front.log", "-p", str(folder), "-c", str(file)]
    return Program("front", command, surroundings, folder / "front.log")


def configuration(folder: Path, *, port: int, web: int) -> str:
    said = (ROOT / "deploy" / "nginx.conf").read_text()
    said = re.sub(r"^server \{\n    listen 80;.*?^\}\n", "", said, flags=re.M | re.S)
    said = re.sub(r"^ *(listen \[::\]|ssl_|server_name).*\n", "", said, flags=re.M)
    said = re.sub(r"listen 443 [^;]*;", f"listen 127.0.0.1:{port};", said)
    said = re.sub(r"(client_(?:header|body)_timeout) \w+;", rf"\1 {PATIENCE_S}s;", said)
    said = said.replace("127.0.0.1:8000", f"127.0.0.1:{web}")
    return MAIN.format(folder=folder, site=said, user="user root;" if os.geteuid() == 0 else "")

#!/bin/sh
# Run as root in this folder, on {{ node.name }} ({{ node.address }}). May be run again: data stays as it is, and the
# files that Sentinel writes itself are left alone once they are there.
set -eu
umask 077
here=$(cd "$(dirname "$0")" && pwd)
id -u {{ user }} >/dev/null 2>&1 || useradd --system --home-dir {{ directory }} --shell /usr/sbin/nologin {{ user }}
install -d -m 0700 -o {{ user }} -g {{ user }} {{ directory }}
{% for part, file in files.items %}{% if part in services %}install -d -m 0700 -o {{ user }} -g {{ user }} {{ directory }}/{{ part }}
{% if part == "cache" or part == "streams" or part == "sentinel" %}[ -e {{ directory }}/{{ part }}/{{ file }} ] || {% endif %}install -m 0600 -o {{ user }} -g {{ user }} "$here/{{ file }}" {{ directory }}/{{ part }}/{{ file }}
install -m 0644 "$here/foodshare-{{ part }}.service" /etc/systemd/system/
{% endif %}{% endfor %}systemctl daemon-reload
echo "Installed. docs/cluster.md says in which order to start the services."

#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""with_postgres.py COMMAND …: runs COMMAND with HUIYIN_PG naming a PostgreSQL made for it.

The cluster lives in a temporary folder, listens on a unix socket there and nowhere else, and is
gone afterwards. The server refuses to run as root, so root hands it to an ordinary user. Exit 77
with the reason when there is no PostgreSQL 15 or later."""

import glob
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time


def find_bin():
    found = shutil.which('initdb')
    folders = glob.glob('/usr/lib/postgresql/*/bin') + ([os.path.dirname(found)] if found else [])
    best = None
    for folder in folders:
        try:
            text = subprocess.run([os.path.join(folder, 'postgres'), '--version'], check=True,
                                  capture_output=True, text=True).stdout
        except (OSError, subprocess.CalledProcessError):
            continue
        version = int(re.search(r'(\d+)', text).group(1))
        if version >= 15 and (best is None or version > best[0]):
            best = (version, folder)
    return best[1] if best else None


def skip(why):
    print(f'skipped: {why}')
    sys.exit(77)


def ordinary_user():
    for name in ('postgres', 'nobody'):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    skip('root runs no PostgreSQL and there is neither a user postgres nor nobody')


def is_ready(data):
    """Its socket is there before it lends an ear; the eighth line of its file says when it does."""
    try:
        with open(os.path.join(data, 'postmaster.pid'), encoding='utf-8') as f:
            return f.read().split('\n')[7:8] == ['ready   ']
    except FileNotFoundError:
        return False


def main():
    if len(sys.argv) < 2:
        print('usage: with_postgres.py COMMAND …', file=sys.stderr)
        return 2
    folder = find_bin()
    if folder is None:
        skip('no PostgreSQL 15 or later (initdb) on this machine')
    top = tempfile.mkdtemp(prefix='huiyin-pg-')
    server = None
    try:
        options = {'cwd': top}
        if os.geteuid() == 0:
            who = ordinary_user()
            os.chown(top, who.pw_uid, who.pw_gid)
            options.update(user=who.pw_uid, group=who.pw_gid, extra_groups=[])
        data = os.path.join(top, 'data')
        log = os.path.join(top, 'log')
        subprocess.run([os.path.join(folder, 'initdb'), '-D', data, '-U', 'huiyin', '-A', 'trust',
                        '-N', '--locale=C.UTF-8', '-E', 'UTF8'], check=True,
                       stdout=subprocess.DEVNULL, **options)
        with open(log, 'wb') as f:
            server = subprocess.Popen(
                [os.path.join(folder, 'postgres'), '-D', data, '-k', top, '-c',
                 'listen_addresses=', '-c', 'fsync=off', '-c', 'max_connections=10'],
                stdout=f, stderr=subprocess.STDOUT, **options)
        end = time.monotonic() + 120
        while not is_ready(data):
            if server.poll() is not None or time.monotonic() > end:
                with open(log, encoding='utf-8') as f:
                    print(f.read(), file=sys.stderr)
                return 1
            time.sleep(0.05)
        env = dict(os.environ, HUIYIN_PG=f'host={top} user=huiyin dbname=postgres')
        return subprocess.run(sys.argv[1:], env=env, check=False).returncode
    finally:
        if server is not None:
            server.send_signal(signal.SIGQUIT)
            server.wait()
        shutil.rmtree(top, ignore_errors=True)


if __name__ == '__main__':
    sys.exit(main())

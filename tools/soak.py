#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""soak: runs the tests that take a seed with one seed after the other.

    python3 tools/soak.py --build DIR [--rounds N] [--seed N] [--state FILE]

Every round runs each test of the suites 'property' and 'fault' once, with HUIYIN_SEED set to that
round's seed and HUIYIN_WHOLE=1: there is time for the large form of a test. Where it stands is kept
in FILE (DIR/soak.json), so that it can be stopped at any
moment and goes on with the next seed; --seed begins anew. Without --rounds it runs until it is
stopped. The first failure ends it with the command that shows it again.
"""

import argparse
import json
import os
import subprocess
import sys
import time

SUITES = {"property", "fault"}
TEST_SECONDS_MAX = 1800


def seeded_tests(build):
    """[(name, command, environment)] of the tests in SUITES."""
    out = subprocess.run(["meson", "introspect", "--tests", build], check=True,
                         capture_output=True).stdout
    found = []
    for test in json.loads(out):
        suites = {suite.split(":")[-1] for suite in test["suite"]}
        if suites & SUITES:
            found.append((test["name"], test["cmd"], test["env"], test["workdir"] or build))
    return sorted(found)


def load_state(path, seed):
    if seed is None and os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    first = seed if seed is not None else int.from_bytes(os.urandom(4), "big")
    return {"next_seed": first, "rounds": 0, "seconds": 0}


def store_state(path, state):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path + ".new", "w", encoding="utf-8") as file:
        json.dump(state, file)
    os.replace(path + ".new", path)


def settings_of(seed):
    return {"HUIYIN_SEED": str(seed), "HUIYIN_WHOLE": os.environ.get("HUIYIN_WHOLE", "1")}


def run_round(tests, seed):
    """The first failing (name, command, environment, output), or None."""
    for name, command, env, workdir in tests:
        try:
            done = subprocess.run(
                command, env={**os.environ, **env, **settings_of(seed)}, cwd=workdir,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                timeout=TEST_SECONDS_MAX)
        except subprocess.TimeoutExpired as late:
            return name, command, env, (late.stdout or b"") + b"\nstill running after its time\n"
        if done.returncode not in (0, 77):
            return name, command, env, done.stdout
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--state")
    args = parser.parse_args()
    args.state = args.state or os.path.join(args.build, "soak.json")
    tests = seeded_tests(args.build)
    if not tests:
        print("soak: no test takes a seed")
        return 1
    state = load_state(args.state, args.seed)
    rounds = 0
    while args.rounds is None or rounds < args.rounds:
        seed, begun = state["next_seed"], time.monotonic()
        print(f"round {state['rounds'] + 1}, seed {seed}: ", end="", flush=True)
        failure = run_round(tests, seed)
        took = time.monotonic() - begun
        if failure:
            name, command, env, output = failure
            print(f"{name} failed\n")
            sys.stdout.flush()
            sys.stdout.buffer.write(output[-20000:])
            settings = " ".join(f"{k}={v}" for k, v in {**env, **settings_of(seed)}.items())
            print(f"\nagain: cd {args.build} && {settings} {' '.join(command)}")
            return 1
        state = {"next_seed": seed + 1, "rounds": state["rounds"] + 1,
                 "seconds": round(state["seconds"] + took)}
        store_state(args.state, state)
        rounds += 1
        print(f"{len(tests)} tests held, {took:.0f} s; {state['rounds']} rounds in all")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("\nstopped; ./dev soak goes on from here")
        sys.exit(130)

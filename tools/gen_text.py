#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Writes a text file down as a C array, so that the program carries it.

    gen_text.py --name REFUSED_WORDS --output refused.c FILE...

The files are joined in the order given.
"""
import argparse


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--name", required=True)
    parser.add_argument("--output", required=True)
    parser.add_argument("files", nargs="+")
    args = parser.parse_args()
    data = b""
    for path in args.files:
        with open(path, "rb") as f:
            data += f.read()
    data.decode("utf-8")
    lines = []
    for at in range(0, len(data), 16):
        lines.append("    " + ", ".join("0x%02x" % b for b in data[at:at + 16]) + ",\n")
    with open(args.output, "w", encoding="utf-8") as out:
        out.write("#include <stddef.h>\n")
        out.write("extern const unsigned char %s[];\nextern const size_t %s_LEN;\n"
                  % (args.name, args.name))
        out.write("const unsigned char %s[] = {\n%s};\n" % (args.name, "".join(lines)))
        out.write("const size_t %s_LEN = %d;\n" % (args.name, len(data)))


if __name__ == "__main__":
    main()

/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * import: matters of another system, from a CSV file and a map that says what its columns are.
 *
 *     huiyin import matters FILE.csv --map MAP.json [--office O] [--rejects PATH] [--dry-run]
 *                                    [--data DIR]
 *
 * The map names every column of the file: where it goes, or that it is dropped. A column that it
 * does not name stops the import before the first row. Columns that tell who somebody is go to the
 * sealed identity or nowhere; a map that says nothing of what was raised is refused, since such a
 * file is a list of people. docs/IMPORT.md has the whole form.
 *
 * A row that cannot be taken goes to the rejects file as it stood, with line, column and the reason
 * in both languages; the others go on. Running again adds nothing twice: a row is known by the hash
 * of the map's source and the row's key, and nothing else of it is kept for that.
 *
 * Concluded matters start no dues; nothing is sent to anybody for an imported matter. Open ones
 * count from the day they were received.
 */
#ifndef HUIYIN_REACH_IMPORT_H
#define HUIYIN_REACH_IMPORT_H

/* Exit codes: 0 every row taken or known already, 1 some rejected or the import stopped,
 * 2 wrong usage. */
int cmd_import(int argc, char **argv);

#endif

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#ifndef HUIYIN_MAIN_LOG_AUDIT_H
#define HUIYIN_MAIN_LOG_AUDIT_H

/* `huiyin log audit [--data DIR]`: recomputes the whole log from its rows, may run beside a server.
 * 0 nothing is wrong, 1 something is, or it could not be read. */
int cmd_log_audit(int argc, char **argv);

#endif

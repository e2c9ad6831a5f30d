/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* town: the demo town put into a fresh folder, its officers' passwords, and what to try first. */
#ifndef HUIYIN_MAIN_TOWN_H
#define HUIYIN_MAIN_TOWN_H

#include "base/err.h"

/* `packs` may be NULL: the folder is looked for. */
enum err town_make(const char *data, const char *packs, struct err_info *info);

#endif

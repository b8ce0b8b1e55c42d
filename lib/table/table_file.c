/* SPDX-License-Identifier: MIT */
#include "lib/table/table_file.h"

static const struct table_file *const files[] = {
#ifdef POSTERN_BERKELEY_DB
    &table_file_hash,
    &table_file_btree,
#endif
#ifdef POSTERN_LMDB
    &table_file_lmdb,
#endif
    &table_file_cdb,
};

const struct table_file *
table_file_find(struct span type)
{
	for (size_t i = 0; i < COUNT_OF(files); i++)
		if (span_equal(type, span_text(files[i]->type)))
			return files[i];
	return NULL;
}

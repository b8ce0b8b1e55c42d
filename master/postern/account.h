/* SPDX-License-Identifier: MIT */
/* What a configuration that was written for Postfix will not do, or do
 * otherwise, here. */
#ifndef MASTER_POSTERN_ACCOUNT_H
#define MASTER_POSTERN_ACCOUNT_H

#include "lib/param/master_cf.h"
#include "lib/param/param.h"

struct account {
	struct pool *pool;
	struct config *config;
	struct master_cf master_cf;
	struct param_source source;
	struct warnings problems;    /* stop the start */
	struct warnings ignored;     /* have no effect */
	struct warnings differences; /* have another one */
	struct warnings findings;    /* wrong with Postfix as well */
};

/* Parses both texts; `directory` is where they will be. On failure the account
 * is closed. */
bool account_open(struct account *account, const char *directory,
    struct span main_cf, struct span master_cf, struct error *error) MUST_USE;
void account_close(struct account *account);

/* Fills the lists; the files that the texts name are in their places. */
void account_take(struct account *account);

/* Prints them to standard output. */
void account_show(const struct account *account);
/* One list, if it is not empty, under a heading. */
void account_print(const char *heading, const struct warnings *list);

#endif

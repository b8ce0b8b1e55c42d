/* SPDX-License-Identifier: MIT */
/* Answers by question, at most so many bytes of them: the one that was not used
 * for the longest time goes first. Owned by the desk. */
#ifndef SMTP_DNS_CACHE_H
#define SMTP_DNS_CACHE_H

#include "smtp/dns/answer.h"

struct cache;

struct cache *cache_create(size_t maximum) __attribute__((returns_nonnull));
void cache_destroy(struct cache *cache);

/* A fresh answer, which stays the cache's, or NULL. */
struct answer *cache_find(struct cache *cache, struct span key);
/* Holds `answer` unless it has expired; it takes the place of an older one. */
void cache_put(struct cache *cache, struct span key, struct answer *answer);

#endif

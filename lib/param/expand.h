/* SPDX-License-Identifier: MIT */
/* $-expansion of main.cf values:
 *
 *	$name ${name} $(name)           the value, itself expanded
 *	${name?text} ${name?{text}}     text when the value is not empty
 *	${name:text} ${name:{text}}     text when it is empty or undefined
 *	${name?{text}:{text}}           one or the other
 *	${{text} == {text} ? {text} : {text}}
 *
 * with == != < <= > >= between numbers, otherwise byte by byte, or <level and
 * so on between versions (3.6 <level 3.11), and
 *
 *	${domain_to_ascii{text}}        text, which must be ASCII already
 *	$$                              a dollar sign */
#ifndef PARAM_EXPAND_H
#define PARAM_EXPAND_H

#include "lib/base/buf.h"
#include "lib/base/error.h"

#define EXPAND_DEPTH_MAXIMUM  100
#define EXPAND_LOOKUP_MAXIMUM 10000 /* per call, against a = $b$b, b = $c$c */

/* How the caller resolves names. */
struct expand_names {
	/* Sets *value, unexpanded and valid until expand_text returns; false =
	 * there is no such name. */
	bool (*find)(void *argument, struct span name, struct span *value);
	/* Told of each name that is used unconditionally and has no value; it
	 * expands to nothing. May be NULL. */
	void (*undefined)(void *argument, struct span name);
	void *argument;
};

/* Appends the expansion of `text` to *out. Fails on a syntax error, a name that
 * refers to itself, nesting that is too deep and a result that is too long. */
bool expand_text(struct span text, const struct expand_names *names,
    struct buf *out, struct error *error) MUST_USE;

/* Calls found() for every name that `text` refers to, whatever the conditions
 * say, and does not look into values. Stops quietly at a syntax error. */
void expand_references(struct span text,
    void (*found)(void *argument, struct span name), void *argument);

#endif

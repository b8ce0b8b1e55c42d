/* SPDX-License-Identifier: MIT */
/* What the command line of postconf asks for. */
#ifndef POSTCONF_REQUEST_H
#define POSTCONF_REQUEST_H

#include "lib/base/error.h"

enum request_mode {
	REQUEST_PARAMETERS,   /* main.cf */
	REQUEST_SERVICES,     /* -M: lines of master.cf */
	REQUEST_FIELDS,       /* -F: their columns */
	REQUEST_OPTIONS,      /* -P: what they set with -o */
	REQUEST_TABLES,       /* -m */
	REQUEST_LOCKS,        /* -l */
	REQUEST_SASL_SERVERS, /* -a */
	REQUEST_SASL_CLIENTS, /* -A */
	REQUEST_TLS,          /* -T */
	REQUEST_TEMPLATES,    /* -t: of notices, as they are written */
	REQUEST_TEXTS         /* -b: the same, expanded */
};

enum request_flag {
	REQUEST_DEFAULTS = 1,      /* -d */
	REQUEST_SET = 2,           /* -e */
	REQUEST_FOLDED = 4,        /* -f */
	REQUEST_VALUES = 8,        /* -h */
	REQUEST_NAMES = 16,        /* -H */
	REQUEST_JSON = 32,         /* -j */
	REQUEST_SETTINGS = 64,     /* -n */
	REQUEST_QUIET = 128,       /* -q */
	REQUEST_EXPANDED = 256,    /* -x */
	REQUEST_REMOVE = 512,      /* -X */
	REQUEST_COMMENT = 1024,    /* -# */
	REQUEST_CHECKED = 2048,    /* -E: -e, if the result is in order */
	REQUEST_OVERRIDDEN = 4096, /* -o */
	REQUEST_CLASSES = 8192,    /* -C */
	REQUEST_EDITS =
	    REQUEST_SET | REQUEST_REMOVE | REQUEST_COMMENT | REQUEST_CHECKED
};

struct request {
	enum request_mode mode;
	unsigned flags;         /* enum request_flag */
	const char *directory;  /* -c, or NULL */
	unsigned classes;       /* enum show_class */
	const char *tls;        /* of -T */
	const char **overrides; /* of -o; the caller frees the array */
	size_t override_count;
	char **arguments;
	size_t count;
};

/* False: *error says what is wrong, and is empty when only the usage text can
 * help. */
bool request_parse(int argc, char **argv, struct request *request,
    struct error *error) MUST_USE;

#endif

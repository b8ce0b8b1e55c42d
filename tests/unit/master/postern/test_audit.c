/* SPDX-License-Identifier: MIT */
#include <sys/stat.h>

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/param/host.h"

#include "../../unit.h"
#include "master/postconf/catalogue.h"
#include "master/postern/audit.h"

static char directory[] = "/tmp/postern-audit-XXXXXX";

/* A file so many seconds old. */
static void
make_file(const char *name, int age)
{
	struct timespec times[2];
	char path[100];
	int fd;

	snprintf(path, sizeof path, "%s/%s", directory, name);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	clock_gettime(CLOCK_REALTIME, &times[0]);
	times[0].tv_sec -= age;
	times[1] = times[0];
	assert_int_equal(futimens(fd, times), 0);
	io_close(&fd);
}

static int
set_up(void **state UNUSED)
{
	assert_non_null(mkdtemp(directory));
	make_file("old", 100);
	make_file("old.db", 50);
	make_file("new", 10);
	make_file("new.db", 50);
	make_file("text", 10);
	return 0;
}

static int
tear_down(void **state UNUSED)
{
	static const char *const names[] = {
	    "old", "old.db", "new", "new.db", "text"};
	char path[100];

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		snprintf(path, sizeof path, "%s/%s", directory, names[i]);
		(void)unlink(path);
	}
	return rmdir(directory);
}

#define MISSING ": No such file or directory"

/* A "@" stands for the directory. */
static const struct {
	const char *main_cf;
	const char *master_cf;
	const char *warning; /* NULL: none */
} cases[] = {
    {"", "", NULL},
    {"smtpd_client_restrictions = permit_mynetworks, reject\n", "", NULL},
    {"smtpd_client_restrictions = permit_mynetworks, permit, reject\n", "",
	"main.cf, line 1: smtpd_client_restrictions: \"reject\" is never "
	"reached: it comes after \"permit\""},
    {"rest = reject\nsmtpd_helo_restrictions = $rest\n permit\n", "",
	"main.cf, line 2: smtpd_helo_restrictions: \"permit\" is never "
	"reached: it comes after \"reject\""},
    {"smtpd_sender_restrictions = warn_if_reject reject, permit\n", "", NULL},
    {"smtpd_restriction_classes = mine\nmine = defer, permit\n", "",
	"main.cf, line 2: mine: \"permit\" is never reached: it comes after "
	"\"defer\""},
    {"other = defer, permit\n", "", NULL},
    {"", "smtp inet n - n - - smtpd -o {smtpd_data_restrictions=permit x}\n",
	"master.cf, line 1: -o smtpd_data_restrictions: \"x\" is never "
	"reached: it comes after \"permit\""},
    {"transport_maps = hash:@/old texthash:@/text, pcre:@/text\n", "", NULL},
    {"transport_maps = hash:@/new\n", "",
	"main.cf, line 1: transport_maps: @/new is newer than @/new.db; run "
	"postmap hash:@/new"},
    {"transport_maps = @/new\n", "",
	"main.cf, line 1: transport_maps: @/new is newer than @/new.db; run "
	"postmap hash:@/new"},
    {"alias_database = proxy:hash:@/new\n", "",
	"main.cf, line 1: alias_database: @/new is newer than @/new.db; run "
	"postalias hash:@/new"},
    {"d = @\nrelay_domains = !hash:$d/gone\n", "",
	"main.cf, line 2: relay_domains: @/gone.db" MISSING
	"; postmap hash:@/gone makes it"},
    {"mynetworks = cidr:@/gone\n", "",
	"main.cf, line 1: mynetworks: @/gone" MISSING},
    {"x = unionmap:{regexp:@/text,ldap:@/gone}\n", "",
	"main.cf, line 1: x: @/gone" MISSING},
    {"smtp_tls_session_cache_database = btree:@/gone\n", "", NULL},
    {"smtpd_tls_key_file = @/gone\nsmtpd_tls_cert_file = @/text\n", "",
	"main.cf, line 1: smtpd_tls_key_file: @/gone" MISSING},
    {"smtpd_tls_dcert_file =\nsmtpd_tls_CAfile = none\n", "", NULL},
    {"default_transport = slow:x\n", "slow unix - - n - - smtp\n", NULL},
    {"default_transport = smtp:x\n", "smtp inet n - n - - smtpd\n",
	"main.cf, line 1: default_transport: master.cf has no service smtp "
	"of type unix"},
    {"relay_transport = error:no\n", "", NULL},
    {"defer_transports = smtp fast\n", "smtp unix - - n - - smtp\n",
	"main.cf, line 1: defer_transports: master.cf has no service fast of "
	"type unix"},
    {"relayhost = [mx.example]:submission\n", "", NULL},
    {"relayhost = [::1]\nsmtp_fallback_relay = a:25 b\n", "", NULL},
    {"relayhost = mx.example:no-such-port\n", "",
	"main.cf, line 1: relayhost: there is no service no-such-port"},
    {"", "no-such-port inet n - n - - smtpd\n",
	"master.cf, line 1: there is no service no-such-port"},
    {"", "127.0.0.1:smtp inet n - n - - smtpd\n", NULL},
    {"transport_maps = ${bad\n", "", NULL},
};

/* With the directory for each "@". */
static void
fill_in(const char *text, struct buf *out)
{
	buf_clear(out);
	for (; *text != '\0'; text++)
		if (*text == '@')
			buf_append_text(out, directory);
		else
			buf_append_byte(out, *text);
}

static void
check_case(size_t i)
{
	struct pool *pool = pool_create(NULL, "test", POOL_NO_MAXIMUM);
	struct config *config = config_create(pool);
	struct param_source source = {
	    .config = config,
	    .sets = catalogue_sets(),
	    .host = &host_system,
	};
	struct master_cf master_cf;
	struct warnings warnings;
	struct buf text;

	warnings_init(&warnings);
	buf_init(&text, 4096);
	fill_in(cases[i].main_cf, &text);
	assert_true(
	    config_parse(config, "main.cf", buf_span(&text), NULL, NULL));
	assert_true(master_cf_parse(pool, "master.cf",
	    span_text(cases[i].master_cf), &master_cf, NULL, NULL));
	audit_run(&source, &master_cf, &warnings);
	if (warnings.count != (cases[i].warning == NULL ? 0 : 1))
		fail_msg("case %zu: %zu warnings: %s", i, warnings.count,
		    warnings.count == 0 ? "" : warnings.text[0]);
	if (cases[i].warning != NULL) {
		fill_in(cases[i].warning, &text);
		assert_string_equal(warnings.text[0], buf_text(&text));
	}
	buf_finish(&text);
	warnings_finish(&warnings);
	pool_destroy(pool);
}

static void
test_run(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		check_case(i);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_run),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

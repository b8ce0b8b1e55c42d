/* SPDX-License-Identifier: MIT */
#include "lib/daemon/logging.h"

#include <sys/stat.h>

#include <syslog.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/log/log.h"
#include "lib/loop/loop.h"

static const struct {
	const char *name;
	int facility;
} facilities[] = {
    {"auth", LOG_AUTH},
    {"authpriv", LOG_AUTHPRIV},
    {"cron", LOG_CRON},
    {"daemon", LOG_DAEMON},
    {"local0", LOG_LOCAL0},
    {"local1", LOG_LOCAL1},
    {"local2", LOG_LOCAL2},
    {"local3", LOG_LOCAL3},
    {"local4", LOG_LOCAL4},
    {"local5", LOG_LOCAL5},
    {"local6", LOG_LOCAL6},
    {"local7", LOG_LOCAL7},
    {"mail", LOG_MAIL},
    {"news", LOG_NEWS},
    {"user", LOG_USER},
    {"uucp", LOG_UUCP},
};

static void
flush_log(struct loop_work *work UNUSED)
{
	log_flush();
}

static void
flush_at_turn_end(void)
{
	static struct loop_work work;

	loop_at_turn_end(&work, flush_log, NULL);
}

static int
facility_of(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(facilities); i++)
		if (strcmp(facilities[i].name, name) == 0)
			return facilities[i].facility;
	return LOG_MAIL;
}

/* The classic prefix shows the first label of the host's name. */
static void
read_host_label(char *label, size_t size)
{
	if (gethostname(label, size) < 0)
		snprintf(label, size, "localhost");
	label[size - 1] = '\0';
	label[strcspn(label, ".")] = '\0';
}

void
logging_open(const struct common_params *common, const char *program, int fd)
{
	char host[64];

	read_host_label(host, sizeof host);
	log_open(&(struct log_settings){
	    .sink = fd >= 0 ? LOG_SINK_FILE : LOG_SINK_SYSLOG,
	    .fd = fd,
	    .facility = facility_of(common->syslog_facility),
	    .syslog_name = common->syslog_name,
	    .program = program,
	    .host = host,
	    .batch = true,
	    .on_pending = flush_at_turn_end,
	});
}

void
logging_reopen(int fd)
{
	struct log_settings settings = log_current();
	int old = settings.fd;

	if (settings.sink != LOG_SINK_FILE) {
		io_close(&fd);
		return;
	}
	settings.fd = fd;
	log_open(&settings);
	io_close(&old);
}

bool
logging_read_shared(int fd, struct buf *bytes, struct error *error)
{
	struct stat status;
	char *room;

	if (fstat(fd, &status) < 0)
		return error_system(error, "fstat");
	room = buf_reserve(bytes, (size_t)status.st_size);
	if (room == NULL)
		return error_set(error, ERROR_LIMIT, "longer than %zu bytes",
		    bytes->maximum);
	if (!io_pread(fd, room, (size_t)status.st_size, 0, error))
		return false;
	buf_grew(bytes, (size_t)status.st_size);
	return true;
}

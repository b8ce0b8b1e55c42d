/* SPDX-License-Identifier: MIT */
/* The part of a queue file behind the body, appended to a put's memory: header,
 * added recipients, attributes, states, END. Private to lib/queue. */
#ifndef QUEUE_PUT_IMAGE_H
#define QUEUE_PUT_IMAGE_H

#include "lib/base/error.h"

struct put;

/* Completes the put's memory and its head; the body has ended. `make_room` is
 * called whenever the memory is full; when put_image_size is below
 * PUT_IMAGE_MAXIMUM it may be NULL. False when make_room fails. */
bool put_image_finish(struct put *put,
    bool (*make_room)(struct put *put, struct error *error),
    struct error *error) MUST_USE;

/* Bytes of the whole queue file as it would be now, or a few more. */
uint64_t put_image_size(const struct put *put);

#endif

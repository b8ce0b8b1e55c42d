/* SPDX-License-Identifier: MIT */
/* Moving the processor from one stack to another: the machine-dependent part of
 * coroutines. Each switch_*.S or .c is one implementation; CMake picks it. */
#ifndef LOOP_SWITCH_H
#define LOOP_SWITCH_H

/* Lays the first frame of a flow of control below `top` of its stack. The first
 * switch to the returned context calls entry(argument), which never returns. */
void *switch_prepare(void *top, void (*entry)(void *argument), void *argument);

/* Saves the running context in *from and goes on with `to`; returns when
 * somebody switches back. */
void switch_swap(void **from, void *to);

#endif

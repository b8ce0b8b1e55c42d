/* SPDX-License-Identifier: MIT */
/* AAPCS64. A suspended context is the stack pointer to a frame of 176 bytes:
 *
 *	0 x19-x28, 80 x29, 88 x30, 96 d8-d15, 160 FPCR, 168 unused
 */
	.text

	/* void *switch_prepare(x0 top, x1 entry, x2 argument) */
	.globl	switch_prepare
	.hidden	switch_prepare
	.type	switch_prepare, %function
	.p2align 4
switch_prepare:
	.cfi_startproc
	and	x0, x0, #-16
	sub	x0, x0, #176
	adrp	x3, switch_start
	add	x3, x3, :lo12:switch_start
	mrs	x4, fpcr
	stp	x1, x2, [x0]
	stp	xzr, x3, [x0, #80]
	stp	x4, xzr, [x0, #160]
	ret
	.cfi_endproc
	.size	switch_prepare, . - switch_prepare

	/* Where a new context begins: x19 entry, x20 argument. Nobody called
	 * it, and saying so ends every back trace here. */
	.type	switch_start, %function
	.p2align 4
switch_start:
	.cfi_startproc
	.cfi_undefined x30
	mov	x0, x20
	blr	x19
	brk	#1
	.cfi_endproc
	.size	switch_start, . - switch_start

	/* void switch_swap(x0 from, x1 to) */
	.globl	switch_swap
	.hidden	switch_swap
	.type	switch_swap, %function
	.p2align 4
switch_swap:
	.cfi_startproc
	sub	sp, sp, #176
	.cfi_adjust_cfa_offset 176
	stp	x19, x20, [sp]
	.cfi_rel_offset x19, 0
	.cfi_rel_offset x20, 8
	stp	x21, x22, [sp, #16]
	.cfi_rel_offset x21, 16
	.cfi_rel_offset x22, 24
	stp	x23, x24, [sp, #32]
	.cfi_rel_offset x23, 32
	.cfi_rel_offset x24, 40
	stp	x25, x26, [sp, #48]
	.cfi_rel_offset x25, 48
	.cfi_rel_offset x26, 56
	stp	x27, x28, [sp, #64]
	.cfi_rel_offset x27, 64
	.cfi_rel_offset x28, 72
	stp	x29, x30, [sp, #80]
	.cfi_rel_offset x29, 80
	.cfi_rel_offset x30, 88
	stp	d8, d9, [sp, #96]
	stp	d10, d11, [sp, #112]
	stp	d12, d13, [sp, #128]
	stp	d14, d15, [sp, #144]
	mrs	x2, fpcr
	str	x2, [sp, #160]

	mov	x2, sp
	str	x2, [x0]
	mov	sp, x1

	ldr	x2, [sp, #160]
	msr	fpcr, x2
	ldp	d14, d15, [sp, #144]
	ldp	d12, d13, [sp, #128]
	ldp	d10, d11, [sp, #112]
	ldp	d8, d9, [sp, #96]
	ldp	x29, x30, [sp, #80]
	ldp	x27, x28, [sp, #64]
	ldp	x25, x26, [sp, #48]
	ldp	x23, x24, [sp, #32]
	ldp	x21, x22, [sp, #16]
	ldp	x19, x20, [sp]
	add	sp, sp, #176
	.cfi_adjust_cfa_offset -176
	.cfi_restore x19
	.cfi_restore x20
	.cfi_restore x21
	.cfi_restore x22
	.cfi_restore x23
	.cfi_restore x24
	.cfi_restore x25
	.cfi_restore x26
	.cfi_restore x27
	.cfi_restore x28
	.cfi_restore x29
	.cfi_restore x30
	ret
	.cfi_endproc
	.size	switch_swap, . - switch_swap

	.section .note.GNU-stack, "", %progbits

// SPDX-License-Identifier: Apache-2.0
// Preloaded: counts the allocations of a program. Prints their number at its end; `malloc_calls()` tells those of the
// calling thread so far.
#define _GNU_SOURCE
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>

extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t), *__libc_memalign(size_t, size_t);

static atomic_long total;
static __thread size_t calls;

static void note(void) {
    total++;
    calls++;
}

size_t malloc_calls(void) { return calls; }
void *malloc(size_t bytes) { note(); return __libc_malloc(bytes); }
void *calloc(size_t number, size_t bytes) { note(); return __libc_calloc(number, bytes); }
void *realloc(void *old, size_t bytes) { note(); return __libc_realloc(old, bytes); }
void *aligned_alloc(size_t alignment, size_t bytes) { note(); return __libc_memalign(alignment, bytes); }
int posix_memalign(void **result, size_t alignment, size_t bytes) {
    note();
    *result = __libc_memalign(alignment, bytes);
    return *result ? 0 : 12;
}
__attribute__((destructor)) static void report(void) { fprintf(stderr, "allocations %ld\n", total); }

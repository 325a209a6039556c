// SPDX-License-Identifier: Apache-2.0
// Whole loops that Swift can't express without a call per step: the futex lock, prefetch, SipHash,
// CRC-32C.
#ifndef STOCKADE_INTRINSICS_H
#define STOCKADE_INTRINSICS_H

#include <linux/futex.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>

extern long syscall(long number, ...);

// ---- Futex lock -------------------------------------------------------------------------------
// A word: 0 free, 1 held, 2 held and somebody may sleep. No hand-over: whoever runs takes it, so a
// hot stripe doesn't become a convoy (the third mutex of Drepper, "Futexes Are Tricky", 2011).

static inline void stockade_pause(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ __volatile__("yield");
#endif
}

__attribute__((noinline)) static void stockade_lock_slow(uint32_t *word) {
    // A critical section takes well under a microsecond, so a short spin nearly always wins.
    for (int spin = 0; spin < 128; spin++) {
        uint32_t seen = __atomic_load_n(word, __ATOMIC_RELAXED);
        if (seen == 0) {
            uint32_t expected = 0;
            if (__atomic_compare_exchange_n(word, &expected, 1, 0, __ATOMIC_ACQUIRE,
                                            __ATOMIC_RELAXED))
                return;
        }
        stockade_pause();
    }
    while (__atomic_exchange_n(word, 2, __ATOMIC_ACQUIRE) != 0)
        syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, 2, NULL, NULL, 0);
}

static inline void stockade_lock(uint32_t *word) {
    uint32_t expected = 0;
    if (!__atomic_compare_exchange_n(word, &expected, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
        stockade_lock_slow(word);
}

static inline void stockade_unlock(uint32_t *word) {
    if (__atomic_exchange_n(word, 0, __ATOMIC_RELEASE) == 2)
        syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

// 1 when somebody holds the lock; for assertions only.
static inline int stockade_is_locked(const uint32_t *word) {
    return __atomic_load_n(word, __ATOMIC_RELAXED) != 0;
}

// ---- Words that are published once and read without a lock --------------------------------------

static inline uint64_t stockade_load_acquire(const uint64_t *word) {
    return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static inline void stockade_store_release(uint64_t *word, uint64_t value) {
    __atomic_store_n(word, value, __ATOMIC_RELEASE);
}

// ---- Tables -----------------------------------------------------------------------------------
// Large tables are read at random, so with pages of 4 KiB nearly every access misses the TLB too.

enum { STOCKADE_HUGE_PAGE = 2 << 20 };

// Memory for a table that lives as long as the process uses it; NULL when there is none. Freed with
// free().
static inline void *stockade_allocate_table(size_t bytes) {
    void *table = NULL;
    size_t alignment = bytes >= STOCKADE_HUGE_PAGE ? STOCKADE_HUGE_PAGE : 64;
    if (posix_memalign(&table, alignment, bytes) != 0) return NULL;
    if (bytes >= STOCKADE_HUGE_PAGE) (void)madvise(table, bytes, MADV_HUGEPAGE);
    return table;
}

// Zeroes memory. Swift's own loop over bytes is a hundred times slower in unoptimised builds.
static inline void stockade_zero(void *bytes, size_t count) { memset(bytes, 0, count); }

// ---- Prefetch ---------------------------------------------------------------------------------

static inline void stockade_prefetch(const void *address) { __builtin_prefetch(address, 1, 3); }

// ---- Questions about every byte -----------------------------------------------------------------
// Eight at a time. Text of eight bytes and more ends with a load that overlaps the one before.

#define STOCKADE_BYTES(x) (0x0101010101010101ull * (x))

static inline uint64_t stockade_load_word8(const uint8_t *bytes) {
    uint64_t word;
    memcpy(&word, bytes, 8);
    return word;
}

// Nonzero when a byte of the word isn't 0x20 to 0x7e.
static inline uint64_t stockade_unprintable8(uint64_t word) {
    return (word | (word - STOCKADE_BYTES(0x20)) | (word + STOCKADE_BYTES(1))) &
           STOCKADE_BYTES(0x80);
}

// 1 when all bytes are printable ASCII, the blank included.
static inline int stockade_is_printable(const uint8_t *bytes, size_t count) {
    uint64_t bad = 0;
    if (count >= 8) {
        for (size_t i = 0; i + 8 < count; i += 8)
            bad |= stockade_unprintable8(stockade_load_word8(bytes + i));
        return (bad | stockade_unprintable8(stockade_load_word8(bytes + count - 8))) == 0;
    }
    for (size_t i = 0; i < count; i++) bad |= bytes[i] < 0x20 || bytes[i] > 0x7e;
    return bad == 0;
}

// 1 when all bytes are below 0x80.
static inline int stockade_is_ascii(const uint8_t *bytes, size_t count) {
    uint64_t seen = 0;
    if (count >= 8) {
        for (size_t i = 0; i + 8 < count; i += 8) seen |= stockade_load_word8(bytes + i);
        return ((seen | stockade_load_word8(bytes + count - 8)) & STOCKADE_BYTES(0x80)) == 0;
    }
    for (size_t i = 0; i < count; i++) seen |= bytes[i];
    return seen < 0x80;
}

// 1 when both have the same bytes: of short texts, for which a call of memcmp takes longer.
static inline int stockade_are_equal(const uint8_t *a, const uint8_t *b, size_t count) {
    if (count >= 8) {
        uint64_t other = 0;
        for (size_t i = 0; i + 8 < count; i += 8)
            other |= stockade_load_word8(a + i) ^ stockade_load_word8(b + i);
        return (other | (stockade_load_word8(a + count - 8) ^ stockade_load_word8(b + count - 8))) == 0;
    }
    uint8_t other = 0;
    for (size_t i = 0; i < count; i++) other |= a[i] ^ b[i];
    return other == 0;
}

// The first and the last bytes, and the length, multiplied into the upper bits.
static inline uint64_t stockade_mix(const uint8_t *bytes, size_t count) {
    uint64_t first = 0, last = 0;
    if (count >= 8) {
        first = stockade_load_word8(bytes);
        last = stockade_load_word8(bytes + count - 8);
    } else {
        for (size_t i = 0; i < count; i++) first = first << 8 | bytes[i];
    }
    return (first * 0x9e3779b97f4a7c15ull ^ (last + count)) * 0xd6e8feb86659fd93ull;
}

// ---- SipHash-1-3 --------------------------------------------------------------------------------
// Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012, with one compression and three
// finalisation rounds: enough against hash flooding, where no output is shown to the attacker.

#define STOCKADE_ROTATE(x, b) (((x) << (b)) | ((x) >> (64 - (b))))
#define STOCKADE_SIP_ROUND                                                                         \
    do {                                                                                           \
        v0 += v1; v1 = STOCKADE_ROTATE(v1, 13); v1 ^= v0; v0 = STOCKADE_ROTATE(v0, 32);            \
        v2 += v3; v3 = STOCKADE_ROTATE(v3, 16); v3 ^= v2;                                          \
        v0 += v3; v3 = STOCKADE_ROTATE(v3, 21); v3 ^= v0;                                          \
        v2 += v1; v1 = STOCKADE_ROTATE(v1, 17); v1 ^= v2; v2 = STOCKADE_ROTATE(v2, 32);            \
    } while (0)

static inline uint64_t stockade_siphash13(uint64_t k0, uint64_t k1, const uint8_t *bytes,
                                          size_t count) {
    uint64_t v0 = k0 ^ 0x736f6d6570736575ull, v1 = k1 ^ 0x646f72616e646f6dull;
    uint64_t v2 = k0 ^ 0x6c7967656e657261ull, v3 = k1 ^ 0x7465646279746573ull;
    size_t whole = count & ~(size_t)7;
    uint64_t word;
    for (size_t i = 0; i < whole; i += 8) {
        memcpy(&word, bytes + i, 8);
        v3 ^= word;
        STOCKADE_SIP_ROUND;
        v0 ^= word;
    }
    word = (uint64_t)count << 56;
    if (count > whole && count >= 8) {
        // The last bytes in one load, which begins before them; what was hashed already falls out.
        uint64_t last;
        memcpy(&last, bytes + count - 8, 8);
        word |= last >> (8 * (8 - (count - whole)));
    } else {
        for (size_t i = whole; i < count; i++) word |= (uint64_t)bytes[i] << (8 * (i - whole));
    }
    v3 ^= word;
    STOCKADE_SIP_ROUND;
    v0 ^= word;
    v2 ^= 0xff;
    STOCKADE_SIP_ROUND;
    STOCKADE_SIP_ROUND;
    STOCKADE_SIP_ROUND;
    return v0 ^ v1 ^ v2 ^ v3;
}

#undef STOCKADE_SIP_ROUND
#undef STOCKADE_ROTATE

// ---- Sleeping until woken -----------------------------------------------------------------------
// One thread sleeps on a word, others wake it: 0 awake, 1 about to sleep or asleep.

// Sleeps while the word is 1, at most `nanoseconds`; may return early.
static inline void stockade_doze(uint32_t *word, uint64_t nanoseconds) {
    struct timespec limit = {(time_t)(nanoseconds / 1000000000u),
                             (long)(nanoseconds % 1000000000u)};
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, 1, &limit, NULL, 0);
}

static inline uint32_t stockade_load_word(const uint32_t *word) {
    return __atomic_load_n(word, __ATOMIC_SEQ_CST);
}

static inline void stockade_store_word(uint32_t *word, uint32_t value) {
    __atomic_store_n(word, value, __ATOMIC_SEQ_CST);
}

// Wakes the sleeper if there is one. A load when there is none.
static inline void stockade_rouse(uint32_t *word) {
    if (__atomic_load_n(word, __ATOMIC_SEQ_CST) == 0) return;
    if (__atomic_exchange_n(word, 0, __ATOMIC_SEQ_CST) == 1)
        syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

// ---- CRC-32C ------------------------------------------------------------------------------------
// Castagnoli's polynomial 0x1EDC6F41, reflected (RFC 3720, appendix B.4).

static inline uint32_t stockade_crc32c_plain(uint32_t crc, const uint8_t *bytes, size_t count) {
    for (size_t i = 0; i < count; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (0x82f63b78u & (0u - (crc & 1)));
    }
    return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static inline uint32_t stockade_crc32c_fast(
    uint32_t crc, const uint8_t *bytes, size_t count) {
    uint64_t wide = crc, word;
    size_t i = 0;
    for (; i + 8 <= count; i += 8) {
        memcpy(&word, bytes + i, 8);
        wide = __builtin_ia32_crc32di(wide, word);
    }
    crc = (uint32_t)wide;
    for (; i < count; i++) crc = __builtin_ia32_crc32qi(crc, bytes[i]);
    return crc;
}
#elif defined(__aarch64__) && defined(__ARM_FEATURE_CRC32)
static inline uint32_t stockade_crc32c_fast(uint32_t crc, const uint8_t *bytes, size_t count) {
    uint64_t word;
    size_t i = 0;
    for (; i + 8 <= count; i += 8) {
        memcpy(&word, bytes + i, 8);
        crc = __builtin_arm_crc32cd(crc, word);
    }
    for (; i < count; i++) crc = __builtin_arm_crc32cb(crc, bytes[i]);
    return crc;
}
#endif

static inline int stockade_has_crc32c(void) {
#if defined(__x86_64__)
    return __builtin_cpu_supports("sse4.2");
#elif defined(__aarch64__) && defined(__ARM_FEATURE_CRC32)
    return 1;
#else
    return 0;
#endif
}

static inline uint32_t stockade_crc32c(const uint8_t *bytes, size_t count) {
#if defined(__x86_64__) || (defined(__aarch64__) && defined(__ARM_FEATURE_CRC32))
    if (stockade_has_crc32c()) return ~stockade_crc32c_fast(~0u, bytes, count);
#endif
    return ~stockade_crc32c_plain(~0u, bytes, count);
}

// Without the processor's instruction, to compare with.
static inline uint32_t stockade_crc32c_reference(const uint8_t *bytes, size_t count) {
    return ~stockade_crc32c_plain(~0u, bytes, count);
}

// True when all bytes are zero.
static inline int stockade_is_zero(const uint8_t *bytes, size_t count) {
    if (count == 0) return 1;
    return bytes[0] == 0 && memcmp(bytes, bytes + 1, count - 1) == 0;
}

#endif

// SPDX-License-Identifier: Apache-2.0

import Foundation

/// "00" to "99", so that a division by 100 yields two digits; a literal, so that reading it needs no lazy start.
private var digitPairs: UnsafePointer<UInt8> {
    @inline(__always) get {
        let pairs: StaticString = """
            0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849\
            5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899
            """
        return pairs.utf8Start
    }
}

extension ByteBuffer {
    /// Appends a whole number in decimal. Does not allocate.
    package mutating func append(decimal value: Int64) {
        if value < 0 { append(UInt8(ascii: "-")) }
        append(decimal: value.magnitude)
    }

    /// Appends a whole number in decimal. Does not allocate.
    package mutating func append(decimal value: UInt64) {
        append(most: 20) { output in
            if value < 10 {
                output[0] = 48 + UInt8(truncatingIfNeeded: value)
                return 1
            }
            let digits = decimalDigitCount(value)
            var rest = value
            var end = digits
            while rest >= 100 {
                let (quotient, pair) = rest.quotientAndRemainder(dividingBy: 100)
                end &-= 2
                output[end] = digitPairs[Int(truncatingIfNeeded: pair &* 2)]
                output[end &+ 1] = digitPairs[Int(truncatingIfNeeded: pair &* 2 &+ 1)]
                rest = quotient
            }
            if rest >= 10 {
                output[0] = digitPairs[Int(truncatingIfNeeded: rest &* 2)]
                output[1] = digitPairs[Int(truncatingIfNeeded: rest &* 2 &+ 1)]
            } else {
                output[0] = 48 + UInt8(truncatingIfNeeded: rest)
            }
            return digits
        }
    }

    /// Appends `value` in exactly `width` digits, with zeros in front; higher digits are cut off. Does not allocate.
    package mutating func append(decimal value: UInt64, width: Int) {
        append(most: width) { output in
            var rest = value
            var position = width
            while position > 0 {
                position &-= 1
                output[position] = 48 + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            }
            return width
        }
    }

    /// Appends a finite double so that reading it back gives the same bits: whole numbers below 2^53 plainly, short
    /// decimals without an exponent, everything else as Swift's shortest description.
    ///
    /// The short way needs no allocation: `v * 10^k` rounded to a whole number below 2^53 and divided by `10^k` (exact
    /// for k <= 22) is what a correct parser computes for those digits, so equality proves the round trip.
    ///
    /// - Precondition: `value` is finite; formats differ in how they spell the others.
    package mutating func append(finite value: Double) {
        if value.magnitude < 9_007_199_254_740_992, value == value.rounded(.towardZero) {
            if value == 0, value.sign == .minus { append(UInt8(ascii: "-")) }
            append(decimal: Int64(value))
            return
        }
        if value.magnitude < 1e9, value.magnitude >= 1e-3 {
            if appendShortDecimal(value, scale: 1_000, digits: 3) { return }
            if appendShortDecimal(value, scale: 1_000_000, digits: 6) { return }
        }
        var description = value.description
        description.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    private mutating func appendShortDecimal(_ value: Double, scale: Double, digits: Int) -> Bool {
        let scaled = (value.magnitude * scale).rounded()
        guard scaled < 9_007_199_254_740_992, scaled / scale == value.magnitude else { return false }
        let parts = UInt64(scaled).quotientAndRemainder(dividingBy: UInt64(scale))
        var fraction = parts.remainder
        var width = digits
        while fraction % 10 == 0, width > 1 {
            fraction /= 10
            width -= 1
        }
        if value < 0 { append(UInt8(ascii: "-")) }
        append(decimal: parts.quotient)
        append(UInt8(ascii: "."))
        append(decimal: fraction, width: width)
        return true
    }
}

/// How many decimal digits `value` has; 1 for zero.
private func decimalDigitCount(_ value: UInt64) -> Int {
    var digits = 1
    var limit: UInt64 = 10
    while value >= limit {
        digits &+= 1
        let (next, overflow) = limit.multipliedReportingOverflow(by: 10)
        if overflow { break }
        limit = next
    }
    return digits
}

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
        let magnitude = value.magnitude
        if magnitude < 9_007_199_254_740_992 {
            let whole = Int64(value)
            if Double(whole) == value {
                if value == 0, value.sign == .minus { append(UInt8(ascii: "-")) }
                append(decimal: whole)
                return
            }
            if magnitude < 1e9, magnitude >= 1e-3 {
                if appendShortDecimal(value, scale: 1_000, digits: 3) { return }
                if appendShortDecimal(value, scale: 1_000_000, digits: 6) { return }
                // Nanoseconds as seconds. From 2^23 on several of them read back as one number.
                if magnitude < 8_388_608, appendShortDecimal(value, scale: 1_000_000_000, digits: 9) { return }
            }
        }
        var description = value.description
        description.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    @inline(__always)
    private mutating func appendShortDecimal(_ value: Double, scale: Int64, digits: Int) -> Bool {
        let magnitude = value.magnitude
        // Rounded by hand: `rounded()` is a call where the processor's instruction may not be assumed. A candidate that
        // is off by one fails the test like any other.
        let candidate = magnitude * Double(scale) + 0.5
        guard candidate < 9_007_199_254_740_992 else { return false }
        let scaled = Int64(candidate)
        guard Double(scaled) / Double(scale) == magnitude else { return false }
        let whole = scaled / scale
        var fraction = UInt64(truncatingIfNeeded: scaled &- whole &* scale)
        var width = digits
        while width > 1 {
            let (quotient, rest) = fraction.quotientAndRemainder(dividingBy: 10)
            if rest != 0 { break }
            fraction = quotient
            width &-= 1
        }
        if value < 0 { append(UInt8(ascii: "-")) }
        append(decimal: UInt64(truncatingIfNeeded: whole))
        append(UInt8(ascii: "."))
        append(decimal: fraction, width: width)
        return true
    }
}

/// How many decimal digits `value` has; 1 for zero.
@inline(__always)
private func decimalDigitCount(_ value: UInt64) -> Int {
    var rest = value
    var digits = 1
    while rest >= 10_000 {
        rest /= 10_000
        digits &+= 4
    }
    if rest >= 1_000 { return digits &+ 3 }
    if rest >= 100 { return digits &+ 2 }
    return rest >= 10 ? digits &+ 1 : digits
}

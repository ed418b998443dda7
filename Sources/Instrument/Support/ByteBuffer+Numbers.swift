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
        append(most: 20) { output in
            guard value < 0 else { return write(decimal: UInt64(bitPattern: value), to: output) }
            output[0] = UInt8(ascii: "-")
            return 1 &+ write(decimal: value.magnitude, to: output + 1)
        }
    }

    /// Appends a whole number in decimal. Does not allocate.
    package mutating func append(decimal value: UInt64) {
        append(most: 20) { output in write(decimal: value, to: output) }
    }

    /// Appends `value` in exactly `width` digits, with zeros in front; higher digits are cut off. Does not allocate.
    package mutating func append(decimal value: UInt64, width: Int) {
        append(most: width) { output in
            write(decimal: value, width: width, to: output)
            return width
        }
    }

    /// Appends a finite double so that reading it back gives the same bits: whole numbers below 2^53 plainly, short
    /// decimals without an exponent, everything else as Swift's shortest description.
    ///
    /// The short way needs no allocation: `v * 10^k` rounded to a whole number below 2^52 and divided by `10^k` (exact
    /// for k <= 22) is what a correct parser computes for those digits, so equality proves the round trip.
    ///
    /// - Precondition: `value` is finite; formats differ in how they spell the others.
    package mutating func append(finite value: Double) {
        let magnitude = value.magnitude
        if magnitude < integersEnd {
            let whole = nearestInteger(magnitude)
            if Double(whole) == magnitude { return append(whole, isNegative: value.sign == .minus) }
            if magnitude < 1e9, magnitude >= 1e-3 {
                if appendShortDecimal(value, scale: 1_000, digits: 3) { return }
                if appendShortDecimal(value, scale: 1_000_000, digits: 6) { return }
                // Nanoseconds as seconds, for the first 52 days.
                if appendShortDecimal(value, scale: 1_000_000_000, digits: 9) { return }
            }
        } else if magnitude < 2 * integersEnd {
            return append(Int64(magnitude), isNegative: value.sign == .minus)
        }
        var description = value.description
        description.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    /// Appends a whole number of a double's sign: there is a zero below zero.
    @inline(__always)
    private mutating func append(_ whole: Int64, isNegative: Bool) {
        append(most: 20) { output in
            output[0] = UInt8(ascii: "-")
            let sign = isNegative ? 1 : 0
            return sign &+ write(decimal: UInt64(bitPattern: whole), to: output + sign)
        }
    }

    @inline(__always)
    private mutating func appendShortDecimal(_ value: Double, scale: UInt64, digits: Int) -> Bool {
        let magnitude = value.magnitude
        let candidate = magnitude * Double(Int64(scale))
        guard candidate < integersEnd else { return false }
        // A candidate that was rounded the wrong way fails the test like any other.
        let scaled = nearestInteger(candidate)
        guard Double(scaled) / Double(Int64(scale)) == magnitude else { return false }
        append(most: 32) { output in
            output[0] = UInt8(ascii: "-")
            var end = value < 0 ? 1 : 0
            let (whole, fraction) = UInt64(bitPattern: scaled).quotientAndRemainder(dividingBy: scale)
            end &+= write(decimal: whole, to: output + end)
            output[end] = UInt8(ascii: ".")
            end &+= 1
            write(decimal: fraction, width: digits, to: output + end)
            end &+= digits
            // The value is no whole number, so that a digit before the point's own is left.
            while output[end &- 1] == UInt8(ascii: "0") { end &-= 1 }
            return end
        }
        return true
    }
}

/// Where doubles have no fraction any more: 2^52.
private var integersEnd: Double {
    @inline(__always) get { 4_503_599_627_370_496 }
}

/// The whole number nearest to `value`, which is at least 0 and below 2^52: the sum with 2^52 has it in its lowest bits.
/// `rounded()` is a call where the processor's instruction may not be assumed, and `Int64(_:)` three checks.
@inline(__always)
private func nearestInteger(_ value: Double) -> Int64 {
    Int64(bitPattern: (value + integersEnd).bitPattern &- integersEnd.bitPattern)
}

/// Writes a whole number.
///
/// - Parameter output: has room for 20 bytes.
/// - Returns: how many digits it has.
@inline(__always)
private func write(decimal value: UInt64, to output: UnsafeMutablePointer<UInt8>) -> Int {
    if value < 10 {
        output[0] = 48 &+ UInt8(truncatingIfNeeded: value)
        return 1
    }
    let digits = decimalDigitCount(value)
    write(decimal: value, width: digits, to: output)
    return digits
}

/// Writes a whole number in exactly `width` digits, with zeros in front; higher digits are cut off.
@inline(__always)
private func write(decimal value: UInt64, width: Int, to output: UnsafeMutablePointer<UInt8>) {
    var rest = value
    var end = width
    while end >= 2 {
        let (quotient, pair) = rest.quotientAndRemainder(dividingBy: 100)
        end &-= 2
        let digits = UnsafeRawPointer(digitPairs).loadUnaligned(
            fromByteOffset: Int(truncatingIfNeeded: pair &* 2), as: UInt16.self)
        UnsafeMutableRawPointer(output + end).storeBytes(of: digits, as: UInt16.self)
        rest = quotient
    }
    if end > 0 { output[0] = 48 &+ UInt8(truncatingIfNeeded: rest % 10) }
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

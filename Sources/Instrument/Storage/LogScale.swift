// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Exponential buckets whose bounds are the powers of 2^(2^-schema), found from a double's bits.
///
/// Bucket `i` covers `(2^((i-1) * 2^-schema), 2^(i * 2^-schema)]`. For positive schemas an octave is cut into `2^schema`
/// buckets: the upper bits of the mantissa lead to the right one or the one before it, and one comparison decides.
///
/// `@unchecked Sendable`: immortal memory that is written once, when the scale is made.
struct LogScale: @unchecked Sendable {
    /// How fine the buckets are: -4 (a factor of 65,536) to 8 (0.27 %).
    let schema: Int
    /// `2^(k / 2^schema)` for k from 0 to 2^schema.
    private let bounds: UnsafePointer<Double>
    /// For each run of mantissas half a bucket wide: how many bounds lie below its start.
    private let cells: UnsafePointer<UInt16>

    /// The scales of schema 8, 7, ... -4.
    private static let all: [LogScale] = (-4...8).reversed().map { LogScale(making: $0) }

    /// The scale of a schema from -4 to 8.
    static func of(schema: Int) -> LogScale { all[8 - schema] }

    private init(making schema: Int) {
        self.schema = schema
        let count = schema > 0 ? 1 << schema : 1
        let bounds = UnsafeMutablePointer<Double>.allocate(capacity: count + 1)
        for index in 0...count { bounds[index] = exp2(Double(index) / Double(count)) }
        let cells = UnsafeMutablePointer<UInt16>.allocate(capacity: count * 2)
        for cell in 0..<(count * 2) {
            let start = 1 + Double(cell) / Double(count * 2)
            cells[cell] = UInt16((0..<count).filter { bounds[$0] < start }.count)
        }
        self.bounds = UnsafePointer(bounds)
        self.cells = UnsafePointer(cells)
    }

    /// The bucket of a finite magnitude above zero.
    @inline(__always)
    func index(_ magnitude: Double) -> Int {
        var bits = magnitude.bitPattern
        var exponent = Int(truncatingIfNeeded: bits >> 52) &- 1_023
        if exponent == -1_023 {
            // Subnormal: made normal first.
            bits = (magnitude * 0x1p54).bitPattern
            exponent = Int(truncatingIfNeeded: bits >> 52) &- 1_077
        }
        let mantissa = bits & 0xF_FFFF_FFFF_FFFF
        guard schema > 0 else {
            // A power of two is the upper bound of its bucket.
            let index = mantissa == 0 ? exponent : exponent &+ 1
            return ((index &- 1) >> -schema) &+ 1
        }
        return (exponent << schema) &+ place(mantissa)
    }

    /// The octave of a finite magnitude above zero that is not subnormal, and the bucket within it: 0 is the bucket that
    /// ends where the octave starts.
    @inline(__always)
    func place(_ mantissa: UInt64) -> Int {
        let below = Int(cells[Int(truncatingIfNeeded: mantissa >> UInt64(51 &- schema))])
        let value = Double(bitPattern: mantissa | 0x3FF0_0000_0000_0000)
        return below &+ (bounds[below] < value ? 1 : 0)
    }

    /// The upper bound of a bucket; +Inf past the range of doubles.
    func upperBound(_ index: Int) -> Double {
        guard schema > 0 else { return scalbn(1, Int32(clamping: index << -schema)) }
        let count = 1 << schema
        return scalbn(bounds[index & (count - 1)], Int32(clamping: index >> schema))
    }

    /// The bucket of a coarser schema that a bucket lies in.
    static func fold(_ index: Int, by steps: Int) -> Int { ((index - 1) >> steps) + 1 }
}

/// `value * 2^exponent`, as C's function of the name.
private func scalbn(_ value: Double, _ exponent: Int32) -> Double { Foundation.scalbn(value, Int(exponent)) }

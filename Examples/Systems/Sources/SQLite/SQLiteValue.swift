// SPDX-License-Identifier: Apache-2.0

/// One stored value, in one of SQLite's five [storage classes](https://www.sqlite.org/datatype3.html).
public enum SQLiteValue: Sendable, Hashable {
    /// Nothing.
    case null
    /// A whole number.
    case integer(Int64)
    /// A floating-point number.
    case real(Double)
    /// Text.
    case text(String)
    /// Bytes.
    case blob([UInt8])
}

/// A type that statements bind and columns give back.
public protocol SQLiteConvertible: Sendable {
    /// What is stored.
    var sqliteValue: SQLiteValue { get }
    /// Reads a stored value back; nil when it is of another kind or does not fit.
    init?(sqliteValue: SQLiteValue)
}

extension Int: SQLiteConvertible {
    /// What is stored.
    public var sqliteValue: SQLiteValue { .integer(Int64(self)) }

    /// Reads a stored value back; nil when it is of another kind or too large.
    public init?(sqliteValue: SQLiteValue) {
        guard case .integer(let number) = sqliteValue else { return nil }
        self.init(exactly: number)
    }
}

extension Bool: SQLiteConvertible {
    /// What is stored.
    public var sqliteValue: SQLiteValue { .integer(self ? 1 : 0) }

    /// Reads a stored value back; nil when it is of another kind.
    public init?(sqliteValue: SQLiteValue) {
        guard case .integer(let number) = sqliteValue else { return nil }
        self = number != 0
    }
}

/// Reads whole numbers too: SQLite's `sum` and `avg` give either.
extension Double: SQLiteConvertible {
    /// What is stored.
    public var sqliteValue: SQLiteValue { .real(self) }

    /// Reads a stored value back; nil when it is of another kind.
    public init?(sqliteValue: SQLiteValue) {
        switch sqliteValue {
        case .real(let number): self = number
        case .integer(let number): self = Double(number)
        case .null, .text, .blob: return nil
        }
    }
}

extension String: SQLiteConvertible {
    /// What is stored.
    public var sqliteValue: SQLiteValue { .text(self) }

    /// Reads a stored value back; nil when it is of another kind.
    public init?(sqliteValue: SQLiteValue) {
        guard case .text(let text) = sqliteValue else { return nil }
        self = text
    }
}

extension [UInt8]: SQLiteConvertible {
    /// What is stored.
    public var sqliteValue: SQLiteValue { .blob(self) }

    /// Reads a stored value back; nil when it is of another kind.
    public init?(sqliteValue: SQLiteValue) {
        guard case .blob(let bytes) = sqliteValue else { return nil }
        self = bytes
    }
}

extension Optional: SQLiteConvertible where Wrapped: SQLiteConvertible {
    /// What is stored.
    public var sqliteValue: SQLiteValue { self?.sqliteValue ?? .null }

    /// Reads a stored value back; nil when it is of another kind.
    public init?(sqliteValue: SQLiteValue) {
        if sqliteValue == .null {
            self = .none
        } else {
            guard let wrapped = Wrapped(sqliteValue: sqliteValue) else { return nil }
            self = wrapped
        }
    }
}

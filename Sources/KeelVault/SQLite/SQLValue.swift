import KeelBase

/// A value bound to a statement.
enum SQLValue {
    case null
    case integer(Int)
    case text(String)
    case blob([UInt8])

    static func text(_ value: String?) -> SQLValue { value.map { .text($0) } ?? .null }
    static func text(_ value: some CustomStringConvertible) -> SQLValue { .text(value.description) }
    static func blob(_ value: [UInt8]?) -> SQLValue { value.map { .blob($0) } ?? .null }
    static func time(_ value: Timestamp?) -> SQLValue { value.map { .integer(Int($0.seconds)) } ?? .null }
    static func grant(_ value: GrantID?) -> SQLValue { .text(value?.text) }
}

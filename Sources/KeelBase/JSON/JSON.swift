/// A JSON value (RFC 8259) whose objects keep the order in which they were built.
///
/// What is stored and what machines read must be deterministic to the byte; whoever builds an object decides its order.
package enum JSON: Sendable, Equatable {
    case null
    case boolean(Bool)
    case integer(Int)
    /// A number that is not an `Int`, as it was written.
    case number(String)
    case string(String)
    case array([JSON])
    case object([Member])

    /// One name and its value.
    package struct Member: Sendable, Equatable {
        package var name: String
        package var value: JSON

        package init(_ name: String, _ value: JSON) {
            self.name = name
            self.value = value
        }
    }

    /// An object with its members in byte order of their names.
    package static func sorted(_ members: some Sequence<(key: String, value: JSON)>) -> JSON {
        .object(members.map { Member($0.key, $0.value) }.sorted { $0.name < $1.name })
    }

    /// An object of those members that have a value, in the order given.
    package static func present(_ members: (String, JSON?)...) -> JSON {
        .object(members.compactMap { name, value in value.map { Member(name, $0) } })
    }
}

extension JSON {
    /// The value of a member; nil if this is no object or has no such member.
    package subscript(_ name: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    package var string: String? { if case .string(let value) = self { value } else { nil } }
    package var integer: Int? { if case .integer(let value) = self { value } else { nil } }
    package var boolean: Bool? { if case .boolean(let value) = self { value } else { nil } }
    package var array: [JSON]? { if case .array(let value) = self { value } else { nil } }
    package var members: [Member]? { if case .object(let value) = self { value } else { nil } }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int) { self = .integer(value) }
    package init(booleanLiteral value: Bool) { self = .boolean(value) }
    package init(arrayLiteral elements: JSON...) { self = .array(elements) }
}

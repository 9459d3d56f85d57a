import KeelBase

/// The members of one JSON object, read without trusting their types: a member of the wrong type counts as absent.
struct JSONFields {
    private let members: [String: JSON]

    /// Nil unless `body` is a JSON object.
    init?(parsing body: Secret) {
        var bytes = body.reveal()[...]
        // A reader may ignore a byte order mark (RFC 8259 section 8.1), and some servers send one.
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
        guard let members = try? JSON(parsing: Array(bytes)).members else { return nil }
        self.members = Dictionary(members.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    }

    /// Whether there is such a member, of whatever type.
    func has(_ name: String) -> Bool { members[name] != nil }

    /// A text that is not empty.
    func text(_ name: String) -> String? {
        guard let text = members[name]?.string, !text.isEmpty else { return nil }
        return text
    }

    /// A truth value, or a text that is one.
    func flag(_ name: String) -> Bool? {
        switch members[name] {
        case .boolean(let flag)?: flag
        case .string("true")?: true
        case .string("false")?: false
        default: nil
        }
    }

    /// A number, or a text that is one.
    func number(_ name: String) -> Double? {
        switch members[name] {
        case .integer(let number)?: Double(number)
        case .number(let text)?, .string(let text)?: Double(text)
        case .null?, .boolean?, .array?, .object?, nil: nil
        }
    }

    /// The texts and whole numbers of a list, as texts; nil when there is no list.
    func list(_ name: String) -> [String]? {
        members[name]?.array?.compactMap { element in element.string ?? element.integer.map { String($0) } }
    }
}

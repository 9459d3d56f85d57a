/// The tags that a manifest may write: those of yaml.org/type that a manifest has use for, and the non-specific one.
enum CoreTag: UInt8, Sendable, CaseIterable {
    /// `!` alone: the node is text, a sequence or a mapping, whatever it looks like.
    case nonSpecific
    case string, null, boolean, integer, float, timestamp, sequence, mapping

    static let prefix = "tag:yaml.org,2002:"

    init?(uri: String) {
        guard let tag = Self.allCases.first(where: { $0.uri == uri }) else { return nil }
        self = tag
    }

    var uri: String {
        switch self {
        case .nonSpecific: "!"
        case .string: Self.prefix + "str"
        case .null: Self.prefix + "null"
        case .boolean: Self.prefix + "bool"
        case .integer: Self.prefix + "int"
        case .float: Self.prefix + "float"
        case .timestamp: Self.prefix + "timestamp"
        case .sequence: Self.prefix + "seq"
        case .mapping: Self.prefix + "map"
        }
    }

    /// As it is written: `!!str`.
    static func written(_ uri: String) -> String { uri.hasPrefix(prefix) ? "!!" + uri.dropFirst(prefix.count) : uri }

    var makesText: Bool { self == .string || self == .nonSpecific }

    func fits(_ kind: YAMLTree.Kind) -> Bool {
        switch self {
        case .nonSpecific: true
        case .sequence: kind == .sequence
        case .mapping: kind == .mapping
        case .string, .null, .boolean, .integer, .float, .timestamp: kind == .scalar
        }
    }
}

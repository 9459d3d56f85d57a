import KeelBase

/// Why what was kept of a flow cannot be read back.
package enum FlowRecordFault: Error, Sendable, Equatable, CustomStringConvertible {
    case unreadable
    /// Written by another version of this program.
    case otherVersion(Int)
    case otherFlow(ForeignText)
    case incomplete(String)

    package var description: String {
        switch self {
        case .unreadable: "what was kept of the authorization cannot be read"
        case .otherVersion(let version): "what was kept of the authorization has the unknown version \(version)"
        case .otherFlow(let name): "what was kept is another flow: \(name)"
        case .incomplete(let name): "what was kept of the authorization lacks \(name)"
        }
    }
}

/// The members of a flow that waits for a person, as JSON for the vault to seal.
struct FlowRecord {
    static let version = 1

    private let members: JSON

    init(reading record: Secret, flow: GrantType) throws(FlowRecordFault) {
        guard let members = try? JSON(parsing: record.reveal()), let version = members["version"]?.integer else {
            throw .unreadable
        }
        guard version == Self.version else { throw .otherVersion(version) }
        guard let name = members["flow"]?.string else { throw .incomplete("flow") }
        guard name == flow.rawValue else { throw .otherFlow(ForeignText(name)) }
        self.members = members
    }

    static func write(_ flow: GrantType, _ members: [(String, JSON?)]) -> Secret {
        let head: [(String, JSON?)] = [("version", .integer(version)), ("flow", .string(flow.rawValue))]
        let present = (head + members).compactMap { name, value in value.map { JSON.Member(name, $0) } }
        return Secret(copying: JSON.object(present).bytes())
    }

    func text(_ name: String) throws(FlowRecordFault) -> String {
        guard let text = members[name]?.string else { throw .incomplete(name) }
        return text
    }

    func optionalText(_ name: String) -> String? { members[name]?.string }

    func integer(_ name: String) throws(FlowRecordFault) -> Int {
        guard let integer = members[name]?.integer else { throw .incomplete(name) }
        return integer
    }

    func texts(_ name: String) throws(FlowRecordFault) -> [String] {
        guard let texts = members[name]?.array?.compactMap(\.string) else { throw .incomplete(name) }
        return texts
    }

    func flag(_ name: String) throws(FlowRecordFault) -> Bool {
        guard let flag = members[name]?.boolean else { throw .incomplete(name) }
        return flag
    }
}

extension Secret {
    /// As a member of a record, which is a secret as a whole.
    var recordValue: JSON { .string(revealText()) }
}

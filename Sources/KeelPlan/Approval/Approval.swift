import KeelBase
import KeelState

/// What somebody has approved: for each address the digest of its change and steps. It is kept in a file, and apply does
/// what it names and nothing else. Apply never reads steps from it: it plans again, and compares.
package struct Approval: Sendable, Equatable {
    /// The format that this version writes.
    private static let formatVersion = 1

    /// The state that was planned on; nil: there was none.
    package let lineage: String?
    /// Whether everything was to be destroyed.
    package let destroys: Bool
    /// Authorizations that were to be obtained again.
    package let replacing: Set<ResourceAddress>
    package let items: [ResourceAddress: String]

    package init(
        lineage: String?, destroys: Bool = false, replacing: Set<ResourceAddress> = [],
        items: [ResourceAddress: String]
    ) {
        self.lineage = lineage
        self.destroys = destroys
        self.replacing = replacing
        self.items = items
    }

    /// Names the work: plans with the same work have the same intent, whenever and wherever they are made.
    package var intent: String {
        let lines = items.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)\n" }.joined()
        return ContentDigest.hexadecimal(of: Array(lines.utf8))
    }

    /// What of a new plan was approved.
    ///
    /// What the new plan has besides is left out: nobody approved it.
    ///
    /// - Throws: `StaleApproval` naming the approved changes that have become others, or that are no longer to be made:
    ///   somebody else made them, or wants something else now.
    package func remainder(of plan: Plan) throws(StaleApproval) -> Plan {
        let now = plan.items
        let changed = items.filter { now[$0.key] != $0.value }.map(\.key)
        guard changed.isEmpty else { throw StaleApproval(addresses: changed.sorted()) }
        return plan.restricted(to: Set(items.keys))
    }
}

/// Approved changes that are no longer what would be done.
package struct StaleApproval: Error, Sendable, Equatable {
    package let addresses: [ResourceAddress]

    package init(addresses: [ResourceAddress]) { self.addresses = addresses }
}

extension Plan {
    /// For each address with work, what names that work.
    package var items: [ResourceAddress: String] {
        // Looking up secrets and endpoints of a profile that does not change belongs to whoever needs it.
        let steps = Dictionary(grouping: steps.filter { !$0.id.kind.isPreparation }, by: \.id.address)
        let changes = Dictionary(uniqueKeysWithValues: changes.map { ($0.address, $0) })
        var items: [ResourceAddress: String] = [:]
        for address in Set(steps.keys).union(changes.keys) {
            items[address] = ChangeDigest.of(changes[address], steps[address] ?? [])
        }
        return items
    }

    /// The approval of everything in the plan.
    package func approval(
        lineage: String?, destroys: Bool = false, replacing: Set<ResourceAddress> = []
    ) -> Approval {
        Approval(lineage: lineage, destroys: destroys, replacing: replacing, items: items)
    }
}

// MARK: As it is stored

extension Approval {
    /// The approval with the plan as it was shown, for whoever reads the file. Two digests stand in it: `file` finds
    /// accidents, `intent` names the work.
    package func json(showing plan: JSON) -> JSON {
        let body = JSON.present(
            ("format", .integer(Self.formatVersion)), ("type", "approval"), ("lineage", lineage.map(JSON.string)),
            ("destroys", .boolean(destroys)),
            ("replacing", .array(replacing.sorted().map { .string($0.description) })),
            ("intent", .string(intent)),
            ("items", .object(items.sorted { $0.key < $1.key }.map { .init($0.key.description, .string($0.value)) })),
            ("plan", plan))
        guard case .object(let members) = body else { return body }
        return .object([.init("file", .string(ContentDigest.hexadecimal(of: body.bytes())))] + members)
    }

    /// Reads what `json` writes.
    package init(parsing bytes: [UInt8]) throws(ApprovalFault) {
        guard let json = try? JSON(parsing: bytes), case .object(var members) = json, json["type"]?.string == "approval"
        else { throw ApprovalFault(reason: "it is no saved plan") }
        guard let format = json["format"]?.integer, format <= Self.formatVersion else {
            throw ApprovalFault(reason: "a newer version of Mailkeel saved it")
        }
        members.removeAll { $0.name == "file" }
        guard json["file"]?.string == ContentDigest.hexadecimal(of: JSON.object(members).bytes()) else {
            throw ApprovalFault(reason: "it was damaged or edited since it was saved")
        }
        var items: [ResourceAddress: String] = [:]
        for member in json["items"]?.members ?? [] {
            guard let address = ResourceAddress(parsing: member.name), let digest = member.value.string else {
                throw ApprovalFault(reason: "it has an entry that cannot be read")
            }
            items[address] = digest
        }
        let replacing = (json["replacing"]?.array ?? []).compactMap {
            $0.string.flatMap(ResourceAddress.init(parsing:))
        }
        self.init(
            lineage: json["lineage"]?.string, destroys: json["destroys"] == .boolean(true), replacing: Set(replacing),
            items: items)
    }
}

/// Why a saved plan cannot be read.
package struct ApprovalFault: Error, Sendable, Equatable {
    package let reason: String
}

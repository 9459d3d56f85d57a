import KeelBase
import KeelState

/// What somebody has approved: for each address the digest of its change and steps. It is kept in a file, and apply does
/// what it names and nothing else. Apply never reads steps from it: it plans again, and compares.
package struct Approval: Sendable, Equatable {
    /// The format that this version writes.
    private static let formatVersion = 1

    /// The state that was planned on; nil: there was none.
    package let lineage: String?
    /// The environment of the project that was planned for; nil: the project has none.
    package let environment: String?
    /// Whether everything was to be destroyed.
    package let destroys: Bool
    /// Authorizations that were to be obtained again.
    package let replacing: Set<ResourceAddress>
    /// Whether the grants of what is removed were to end at the provider as well.
    package let revokes: Bool
    package let items: [ResourceAddress: String]
    /// What the vault showed of the grants that slots name, where it was observed. It is no part of the work.
    package let grants: [ResourceAddress: String]

    package init(
        lineage: String?, environment: String? = nil, destroys: Bool = false, replacing: Set<ResourceAddress> = [],
        revokes: Bool = false, items: [ResourceAddress: String], grants: [ResourceAddress: String] = [:]
    ) {
        self.lineage = lineage
        self.environment = environment
        self.destroys = destroys
        self.replacing = replacing
        self.revokes = revokes
        self.items = items
        self.grants = grants
    }

    /// Names the work: plans with the same work have the same intent, whenever and wherever they are made.
    package var intent: String {
        let lines = items.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)\n" }.joined()
        // No address holds a blank line, so that no work can be mistaken for another environment's.
        let place = environment.map { "\($0)\n\n" } ?? ""
        return ContentDigest.hexadecimal(of: Array((place + lines).utf8))
    }

    /// The approval of a part.
    package func restricted(to addresses: Set<ResourceAddress>) -> Approval {
        Approval(
            lineage: lineage, environment: environment, destroys: destroys, replacing: replacing, revokes: revokes,
            items: items.filter { addresses.contains($0.key) }, grants: grants.filter { addresses.contains($0.key) })
    }

    /// What of a new plan was approved.
    ///
    /// What the new plan has besides is left out: nobody approved it.
    ///
    /// - Throws: `StaleApproval` naming the approved changes that have become others, or that are no longer to be made:
    ///   somebody else made them, or wants something else now.
    package func remainder(of plan: Plan) throws(StaleApproval) -> Plan {
        let now = plan.items
        let shown = plan.grants
        // Where a grant was not observed, then or now, that is no difference.
        let others = grants.filter { shown[$0.key] != nil && shown[$0.key] != $0.value }.map(\.key)
        let changed = Set(items.filter { now[$0.key] != $0.value }.map(\.key)).union(others)
        guard changed.isEmpty else { throw StaleApproval(addresses: changed.sorted()) }
        let part = plan.restricted(to: Set(items.keys))
        let lacking = plan.addresses(lacking: part)
        guard lacking.isEmpty else { throw StaleApproval(addresses: lacking.sorted()) }
        return part
    }
}

/// Approved changes that are no longer what would be done.
package struct StaleApproval: Error, Sendable, Equatable {
    package let addresses: [ResourceAddress]

    package init(addresses: [ResourceAddress]) { self.addresses = addresses }
}

extension Plan {
    /// The addresses whose work in a part cannot be done without work that the part has not: another run has removed the grant
    /// that an account was to be proven with, or added an account that stands on what is to be destroyed.
    fileprivate func addresses(lacking part: Plan) -> Set<ResourceAddress> {
        let kept = Set(part.steps.map(\.id))
        let removed = Set(changes.filter { $0.action == .delete }.map(\.address))
        var lacking: Set<ResourceAddress> = []
        for step in steps where kept.contains(step.id) {
            let missed = step.after.contains { before in
                guard !kept.contains(before), !before.kind.isPreparation else { return false }
                // A grant is retired behind all its accounts; those that are no part of this keep it until their turn.
                return before.address.kind != .emailAccount || removed.contains(step.id.address)
            }
            if missed { lacking.insert(step.id.address) }
        }
        return lacking
    }

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

    /// For each slot whose grant was observed, what was seen of it: whether it can be used, whose it is, and for what.
    var grants: [ResourceAddress: String] {
        var grants: [ResourceAddress: String] = [:]
        for change in changes {
            guard let facts = change.found.facts else { continue }
            let words = [facts.status == .retired ? "retired" : "held", facts.subject] + facts.scopes.sorted()
            grants[change.address] = ContentDigest.hexadecimal(of: Array(words.joined(separator: "\n").utf8))
        }
        return grants
    }

    /// The approval of everything in the plan.
    package func approval(
        lineage: String?, destroys: Bool = false, replacing: Set<ResourceAddress> = [], revokes: Bool = false
    ) -> Approval {
        Approval(
            lineage: lineage, environment: environment, destroys: destroys, replacing: replacing, revokes: revokes,
            items: items, grants: grants)
    }
}

// MARK: As it is stored

extension Approval {
    /// The approval with the plan as it was shown, for whoever reads the file. Two digests stand in it: `file` finds
    /// accidents, `intent` names the work.
    package func json(showing plan: JSON) -> JSON {
        let body = JSON.present(
            ("format", .integer(Self.formatVersion)), ("type", "approval"), ("lineage", lineage.map(JSON.string)),
            ("environment", environment.map(JSON.string)),
            ("destroys", .boolean(destroys)),
            ("replacing", .array(replacing.sorted().map { .string($0.description) })),
            ("revokes", revokes ? true : nil),
            ("intent", .string(intent)),
            ("items", Self.json(items)), ("grants", Self.json(grants)),
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
        let replacing = (json["replacing"]?.array ?? []).compactMap {
            $0.string.flatMap(ResourceAddress.init(parsing:))
        }
        self.init(
            lineage: json["lineage"]?.string, environment: json["environment"]?.string,
            destroys: json["destroys"] == .boolean(true), replacing: Set(replacing),
            revokes: json["revokes"] == .boolean(true), items: try Self.digests(json["items"]),
            grants: try Self.digests(json["grants"]))
    }

    private static func json(_ digests: [ResourceAddress: String]) -> JSON {
        .object(digests.sorted { $0.key < $1.key }.map { .init($0.key.description, .string($0.value)) })
    }

    private static func digests(_ json: JSON?) throws(ApprovalFault) -> [ResourceAddress: String] {
        var digests: [ResourceAddress: String] = [:]
        for member in json?.members ?? [] {
            guard let address = ResourceAddress(parsing: member.name), let digest = member.value.string else {
                throw ApprovalFault(reason: "it has an entry that cannot be read")
            }
            digests[address] = digest
        }
        return digests
    }
}

/// Why a saved plan cannot be read.
package struct ApprovalFault: Error, Sendable, Equatable {
    package let reason: String
}

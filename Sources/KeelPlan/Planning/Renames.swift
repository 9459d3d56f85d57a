import KeelBase
import KeelModel
import KeelState

/// What is committed, under the names that it has from now on.
///
/// Authorizations are named after their profile, so they are renamed with it.
struct Renames {
    /// The state with every rename done; nil: nothing was ever applied.
    let state: StateDocument?
    /// From the new address to the one in the state.
    private(set) var previous: [ResourceAddress: ResourceAddress] = [:]
    /// From the old name of a profile to the new one.
    private(set) var profileNames: [String: String] = [:]

    init(_ refactoring: Refactoring, of committed: StateDocument?) {
        guard var state = committed, !refactoring.moves.isEmpty else {
            state = committed
            return
        }
        // What was moved by an earlier run is there already.
        for move in refactoring.moves where state.head(move.from)?.digest != nil && state.head(move.to)?.digest == nil {
            Self.move(move.from, to: move.to, in: &state)
            previous[move.to] = move.from
        }
        // What never came into service goes along where nothing else does.
        for move in refactoring.moves where state.head(move.from) != nil && state.head(move.to) == nil {
            state.move(move.from, to: move.to)
            previous[move.to] = move.from
        }
        // Slots and accounts follow their profile one by one: a run that was killed may have left some behind.
        for move in refactoring.moves where move.from.kind == .oauthProfile {
            profileNames[move.from.name] = move.to.name
        }
        if !profileNames.isEmpty {
            for slot in state.addresses where slot.kind == .authorization && state.head(slot)?.digest != nil {
                guard let renamed = Self.renamed(slot, profileNames), state.head(renamed)?.digest == nil else {
                    continue
                }
                Self.move(slot, to: renamed, in: &state)
                previous[renamed] = slot
            }
        }
        self.state = state
    }

    /// A run that failed before it moved the record has left its failure under the new name.
    private static func move(_ from: ResourceAddress, to: ResourceAddress, in state: inout StateDocument) {
        let left = try? state.record(to)
        state.move(from, to: to)
        guard let left, var record = try? state.record(to) else { return }
        record.failure = left.failure ?? record.failure
        record.staging = left.staging ?? record.staging
        state.set(to, record)
    }

    /// Values as they read under the new names.
    func renamed(_ values: [String: EffectiveValue], _ kind: ResourceKind) -> [String: EffectiveValue] {
        let field = kind == .authorization ? "profile" : "oauthProfile"
        guard !profileNames.isEmpty, case .text(let name)? = values[field]?.value, let new = profileNames[name] else {
            return values
        }
        var values = values
        values[field]?.value = .text(new)
        return values
    }

    /// Where a record stands until the plan is applied.
    func place(of address: ResourceAddress) -> ResourceAddress { previous[address] ?? address }

    /// Whether the record names a profile that has another name now.
    func touches(_ record: CommittedRecord) -> Bool {
        !profileNames.isEmpty
            && record.dependencies.contains { $0.kind == .oauthProfile && profileNames[$0.name] != nil }
    }

    /// The slot under the new name of its profile; nil if that has none.
    func renamed(_ slot: ResourceAddress) -> ResourceAddress? { Self.renamed(slot, profileNames) }

    private static func renamed(_ slot: ResourceAddress, _ names: [String: String]) -> ResourceAddress? {
        guard slot.kind == .authorization, let colon = slot.name.firstIndex(of: ":"),
            let profile = names[String(slot.name[..<colon])]
        else { return nil }
        return .authorization(profile: profile, subject: String(slot.name[slot.name.index(after: colon)...]))
    }
}

import KeelBase
import KeelState

extension StateEdit {
    /// The addresses are no longer managed, and nothing is destroyed. Slots that nobody else uses go along.
    ///
    /// - Throws: why it cannot be: one of them is not there, or something that stays depends on it.
    package static func removing(
        _ addresses: [ResourceAddress], from document: StateDocument
    ) throws(EngineFailure) -> StateEdit {
        let state = StateLookup(document: document)
        for address in addresses { try state.require(address) }
        let users = try users(state)
        var gone = Set(addresses)
        for slot in document.addresses where slot.kind == .authorization && !gone.contains(slot) {
            let isLeft = users[slot].map { $0.allSatisfy(gone.contains) } ?? gone.contains(slot.profileOfSlot)
            if isLeft { gone.insert(slot) }
        }
        let removed = gone.sorted()
        for address in removed {
            let staying = (users[address] ?? []).filter { !gone.contains($0) }
            guard staying.isEmpty else { throw stillNeeded(address, by: staying) }
        }
        var edit = StateEdit(removed: removed)
        // What depends on others goes first.
        edit.entries = removed.reversed().map { Journal.Entry($0, nil) }
        for address in removed {
            if let remark = try state.record(address).flatMap({ remark(on: address, $0) }) {
                edit.remarks.append(remark)
            }
        }
        return edit
    }

    /// For each address those that depend on it, in the order of addresses.
    private static func users(_ state: StateLookup) throws(EngineFailure) -> [ResourceAddress: [ResourceAddress]] {
        var users: [ResourceAddress: [ResourceAddress]] = [:]
        for address in state.document.addresses {
            for dependency in try state.record(address)?.committed?.dependencies ?? [] {
                users[dependency, default: []].append(address)
            }
        }
        return users
    }

    private static func stillNeeded(_ address: ResourceAddress, by users: [ResourceAddress]) -> EngineFailure {
        let limit = 6
        let named = users.prefix(limit).map(\.description).joined(separator: ", ")
        let more = users.count > limit ? " and \(users.count - limit) more" : ""
        return StateLookup.refusal(
            "state.still-needed",
            "\(address) cannot be removed: \(named)\(more) depend\(users.count == 1 ? "s" : "") on it",
            help:
                "name \(users.count == 1 ? "it" : "them") too, or give what depends on it something else by mailkeel apply first",
            address)
    }

    /// What stays at a keeper when the state forgets it.
    private static func remark(on address: ResourceAddress, _ record: ResourceRecord) -> String? {
        if let staging = record.staging {
            return
                "\(address) was begun at \(ForeignText(staging.keeper)) and not finished; what is there stays\(names(staging.external))."
        }
        guard let external = record.committed?.external, !external.isEmpty else { return nil }
        return "\(address) has a record at its keeper, which stays\(names(external))."
    }

    private static func names(_ external: [String: String]) -> String {
        let ids = external.sorted { $0.key < $1.key }.map { ForeignText("\($0.key) \($0.value)").text }
        return ids.isEmpty ? "" : ": \(ids.joined(separator: ", "))"
    }
}

extension ResourceAddress {
    fileprivate var profileOfSlot: ResourceAddress { ResourceAddress(.oauthProfile, slotProfile ?? "") }
}

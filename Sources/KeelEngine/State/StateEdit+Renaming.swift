import KeelBase
import KeelModel
import KeelState

extension StateEdit {
    /// What is committed at `from` goes on at `to`. A profile takes its slots along, and everything that names it then
    /// names it so.
    ///
    /// - Throws: why it cannot be: `from` is not there, `to` is, or they are of two kinds.
    package static func renaming(
        _ from: ResourceAddress, to: ResourceAddress, in document: StateDocument
    ) throws(EngineFailure) -> StateEdit {
        let state = StateLookup(document: document)
        try check(from, to, state)
        switch from.kind {
        case .emailAccount:
            var edit = StateEdit(renames: [Rename(from: from, to: to)], entries: [Journal.Entry(to, nil, from: from)])
            if let committed = try state.record(from)?.committed { edit.definitions[to] = committed }
            return edit
        case .oauthProfile: return try ProfileRename(from: from.name, to: to.name, state).finished()
        case .authorization: return StateEdit()
        }
    }

    private static func check(
        _ from: ResourceAddress, _ to: ResourceAddress, _ state: StateLookup
    ) throws(EngineFailure) {
        guard from.kind != .authorization, to.kind != .authorization else {
            throw StateLookup.refusal(
                "state.slot-follows", "an authorization has no name of its own: it is named after its profile",
                help:
                    "rename the profile, and its authorizations go along: mailkeel state mv OAuthProfile/OLD OAuthProfile/NEW",
                from)
        }
        guard from.kind == to.kind else {
            throw StateLookup.refusal(
                "state.other-kind", "\(from) cannot become \(to): the kinds differ",
                help: "a move is a rename: write \(from.kind.rawValue)/NAME", from)
        }
        guard to.isDeclarable else {
            throw StateLookup.refusal(
                "state.no-name", "no manifest could declare \(to)",
                help: "use at most 63 letters, digits, \"-\", \"_\" and \".\"", from)
        }
        try state.require(from)
        guard from != to else {
            throw StateLookup.refusal(
                "state.same-address", "\(from) has that name already", help: "name another address", from)
        }
        try free(to, for: from, state)
    }

    fileprivate static func free(
        _ to: ResourceAddress, for from: ResourceAddress, _ state: StateLookup
    ) throws(EngineFailure) {
        guard state.document.head(to) != nil else { return }
        throw StateLookup.refusal(
            "state.address-taken", "\(from) cannot become \(to), because the state already has \(to)",
            help:
                "choose another name; if that record is wrong, mailkeel state show '\(to)' shows it, and mailkeel state rm '\(to)' stops managing it",
            from)
    }
}

/// A profile that gets another name.
private struct ProfileRename {
    let from: String
    let to: String
    let state: StateLookup
    private var edit = StateEdit()

    init(from: String, to: String, _ state: StateLookup) {
        self.from = from
        self.to = to
        self.state = state
    }

    consuming func finished() throws(EngineFailure) -> StateEdit {
        for address in state.document.addresses {
            switch address.kind {
            case .oauthProfile: if address.name == from { rename(address, to: ResourceAddress(.oauthProfile, to), nil) }
            case .authorization: try followSlot(address)
            case .emailAccount: try followAccount(address)
            }
        }
        return edit
    }

    private mutating func followSlot(_ slot: ResourceAddress) throws(EngineFailure) {
        guard slot.slotProfile == from, let renamed = slot.slot(underProfile: to) else { return }
        try StateEdit.free(renamed, for: slot, state)
        guard var record = try state.record(slot) else { return }
        record.committed = record.committed.map { rewritten($0, "profile") }
        rename(slot, to: renamed, record)
    }

    private mutating func followAccount(_ account: ResourceAddress) throws(EngineFailure) {
        guard var record = try state.record(account), let committed = record.committed else { return }
        let renamed = rewritten(committed, "oauthProfile")
        guard renamed != committed else { return }
        record.committed = renamed
        edit.rewritten.append(account)
        edit.entries.append(Journal.Entry(account, record))
        edit.definitions[account] = renamed
    }

    private mutating func rename(_ from: ResourceAddress, to: ResourceAddress, _ record: ResourceRecord?) {
        edit.renames.append(StateEdit.Rename(from: from, to: to))
        edit.entries.append(Journal.Entry(to, record, from: from))
    }

    /// The record with the new name wherever it names the profile: as the manifests will say it, so that there will be no
    /// difference.
    private func rewritten(_ record: CommittedRecord, _ field: String) -> CommittedRecord {
        var record = record
        record.dependencies = record.dependencies.map { dependency in
            if dependency.kind == .oauthProfile, dependency.name == from { return ResourceAddress(.oauthProfile, to) }
            return dependency.slotProfile == from ? dependency.slot(underProfile: to) ?? dependency : dependency
        }
        if record.declared[field] == .text(from) { record.declared[field] = .text(to) }
        if record.effective[field]?.value == .text(from) { record.effective[field]?.value = .text(to) }
        return record
    }
}

import KeelBase
import KeelDiagnostics
import KeelState

/// What a command changes in the state, found out before anything is written.
package struct StateEdit: Sendable, Equatable {
    /// A record that gets another name.
    package struct Rename: Sendable, Equatable {
        package let from: ResourceAddress
        package let to: ResourceAddress
    }

    /// What was asked for first, then what follows from it.
    package var renames: [Rename] = []
    /// Records that keep their addresses, and name what was renamed.
    package var rewritten: [ResourceAddress] = []
    /// In the order of addresses.
    package var removed: [ResourceAddress] = []
    /// What is left elsewhere, for whoever must know.
    package var remarks: [String] = []
    /// As they are committed: all together or not at all.
    package var entries: [Journal.Entry] = []
    /// Accounts whose observations count from now on for these records.
    var definitions: [ResourceAddress: CommittedRecord] = [:]
}

/// A look at a state that refuses what cannot be done with it, in words.
struct StateLookup {
    let document: StateDocument

    /// The address must be there.
    func require(_ address: ResourceAddress) throws(EngineFailure) {
        guard document.head(address) == nil else { return }
        throw Self.refusal(
            "state.unknown-address", "the state has no \(address)", help: suggestion(address), address)
    }

    /// A record that can be decoded.
    func record(_ address: ResourceAddress) throws(EngineFailure) -> ResourceRecord? {
        do throws(StateFailure) {
            return try document.record(address)
        } catch {
            throw EngineFailure(error)
        }
    }

    /// What was probably meant.
    func suggestion(_ address: ResourceAddress) -> String {
        let known = document.addresses
        let near =
            known.first { $0.name == address.name }?.description
            ?? Suggestion.nearest(to: address.description, among: known.lazy.map(\.description))
        return near.map { "did you mean \"\($0)\"?" } ?? "mailkeel state list shows what there is"
    }

    static func refusal(
        _ code: String, _ message: String, help: String, _ address: ResourceAddress? = nil
    ) -> EngineFailure {
        EngineFailure([
            Diagnostic(.error, code, message, help: help, address: address, responsible: .operatorHere)
        ])
    }
}

extension ResourceAddress {
    /// The name of a slot's profile; nil for what is no slot.
    var slotProfile: String? { slotParts?.profile }

    /// The slot under another profile's name.
    func slot(underProfile name: String) -> ResourceAddress? {
        slotParts.map { .authorization(profile: name, subject: $0.subject) }
    }

    /// Names of profiles hold no colon.
    private var slotParts: (profile: String, subject: String)? {
        guard kind == .authorization, let colon = name.firstIndex(of: ":") else { return nil }
        return (String(name[..<colon]), String(name[name.index(after: colon)...]))
    }
}

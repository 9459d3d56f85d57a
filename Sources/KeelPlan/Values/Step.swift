import KeelBase

/// What a step does.
package enum StepKind: String, Sendable, CaseIterable {
    /// Reads a secret from its source.
    case resolve
    /// Finds endpoints in an issuer's metadata.
    case discover
    /// Obtains a candidate grant.
    case authorize
    /// Logs in with the new settings.
    case test
    /// Writes the record at a keeper, out of service.
    case stage
    /// Commits the record.
    case record
    /// Puts a staged record into service, or takes one out.
    case activate
    /// Sees whether something works: a profile's client at its token endpoint, a record at its keeper.
    case verify
    /// Revokes a grant at the provider.
    case revoke

    /// Whether it changes nothing, here or elsewhere.
    package var isPreparation: Bool {
        switch self {
        case .resolve, .discover, .verify: true
        case .authorize, .test, .stage, .record, .activate, .revoke: false
        }
    }
}

/// The name of a step: one kind of work for one address.
package struct StepID: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let address: ResourceAddress
    package let kind: StepKind

    package init(_ address: ResourceAddress, _ kind: StepKind) {
        self.address = address
        self.kind = kind
    }

    /// `EmailAccount/support-in#test`.
    package var description: String { "\(address)#\(kind.rawValue)" }

    package static func < (left: Self, right: Self) -> Bool {
        left.address == right.address ? left.kind.rawValue < right.kind.rawValue : left.address < right.address
    }
}

/// Whether a step can be done by a program alone.
package enum PersonNeed: String, Sendable {
    case none, maybe, yes
}

/// What must hold when a step runs; apply looks again before it acts.
package enum Precondition: Sendable, Hashable {
    /// What is committed at the address has this digest; nil: nothing is.
    case committed(ResourceAddress, String?)
    /// The slot's record names this grant.
    case grant(ResourceAddress, String)
}

/// One piece of work with everything that its executor needs.
package struct Step: Sendable, Equatable {
    package let id: StepID
    package let work: Work
    /// Steps that must have succeeded before.
    package var after: [StepID]
    /// Why it is done.
    package var reasons: [Reason]
    package var preconditions: [Precondition]

    package init(
        _ address: ResourceAddress, _ work: Work, after: [StepID], reasons: [Reason] = [],
        preconditions: [Precondition] = []
    ) {
        id = StepID(address, work.kind)
        self.work = work
        self.after = after
        self.reasons = reasons
        self.preconditions = preconditions
    }

    /// Whether somebody may have to consent in a browser.
    package var needsPerson: PersonNeed {
        switch work {
        case .authorize(let work): work.way.needsPerson
        case .authorizeThere(let work): work.needsPerson
        case .resolve, .discover, .verifyClient, .test, .stage, .proveThere, .activate, .verifyRecord, .record,
            .revoke:
            .none
        }
    }

    /// The kinds of work, each with its input.
    package enum Work: Sendable, Equatable {
        case resolve(ResolveWork)
        case discover(DiscoverWork)
        /// Whether the token endpoint accepts the client: the profile's `Usable`.
        case verifyClient(VerifyClientWork)
        case authorize(AuthorizeWork)
        case test(TestWork)
        case record(RecordWork)
        case revoke(RevokeWork)
        // At a keeper that is not this machine.
        case stage(StageWork)
        case authorizeThere(KeeperWork)
        case proveThere(KeeperWork)
        case activate(StageWork)
        case verifyRecord(VerifyRecordWork)

        package var kind: StepKind {
            switch self {
            case .resolve: .resolve
            case .discover: .discover
            case .verifyClient, .verifyRecord: .verify
            case .authorize, .authorizeThere: .authorize
            case .test, .proveThere: .test
            case .record: .record
            case .stage: .stage
            case .activate: .activate
            case .revoke: .revoke
            }
        }
    }
}

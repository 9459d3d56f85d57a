import KeelBase

extension Step.Work {
    /// What a step does, in words for a reviewer; nil for steps that are taken for granted.
    package var words: String? {
        switch self {
        case .resolve(let work):
            "resolve "
                + work.secrets.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.summary)" }.joined(
                    separator: ", ")
        case .discover(let work): "discover \(ForeignText(work.asWritten))"
        case .verifyClient(let work): "verify that \(work.client.place) accepts the client\(work.how.words)"
        case .authorize(let work): work.words
        case .test(let work): work.words
        case .stage(let work): "stage at \(work.keeper), out of service: \(counted(work.writes.count, "write"))"
        case .authorizeThere(let work): "authorize at \(work.keeper)" + work.needsPerson.suffix
        case .proveThere(let work): "test at \(work.keeper)"
        case .activate(let work): "put into service at \(work.keeper)"
        case .verifyRecord(let work): "read back at \(work.keeper)"
        case .record: nil
        case .revoke(let work): work.words
        }
    }
}

extension ClientWork {
    /// Where tokens are asked for.
    fileprivate var place: String { tokenEndpoint?.origin ?? issuer.map { ForeignText($0).text } ?? "?" }
}

extension AuthorizeWork {
    fileprivate var words: String {
        let subject = ForeignText(subject)
        let request = "\(client.grant.rawValue) as \(subject) at \(client.place)"
        return switch way {
        case .request: "authorize: \(request)"
        case .adopt(let grant): "authorize: adopt the consent of \(subject) in the vault, grant \(ForeignText(grant))"
        case .refresh(_, .wider):
            "authorize: refresh with wider scopes, else \(request)" + PersonNeed.maybe.suffix
        case .refresh(_, .narrower): "authorize: refresh with narrower scopes as \(subject) at \(client.place)"
        case .refresh(_, .again): "authorize: refresh as \(subject) at \(client.place)"
        case .consent: "authorize: \(request)" + PersonNeed.yes.suffix
        }
    }
}

extension TestWork {
    fileprivate var words: String {
        let method = mechanism.map { " \($0.rawValue)" } ?? login.words
        let who = sender.map { ", sender \(ForeignText($0))" } ?? " as \(ForeignText(userName))"
        return "test \(type.rawValue) \(endpoint) \(security.words)\(method)\(who)"
    }
}

extension TestWork.Login {
    /// With what, where nothing says by what mechanism.
    fileprivate var words: String {
        switch self {
        case .grant: " by token"
        case .password: " by password"
        case .none: " without login"
        }
    }
}

extension ConnectionSecurity {
    fileprivate var words: String {
        switch self {
        case .tls, .starttls: rawValue
        case .none: "in CLEAR TEXT"
        }
    }
}

extension VerifyClientWork.How {
    fileprivate var words: String {
        switch self {
        case .token: ""
        case .assertion(let subject): ", by an assertion for \(ForeignText(subject))"
        case .probe: ", as far as it can be seen without anybody's consent"
        }
    }
}

extension RevokeWork {
    fileprivate var words: String {
        let place = endpoint.map { " at \($0.origin)" } ?? ""
        let what = grants.count == 1 ? "the former grant" : "\(grants.count) former grants"
        return "revoke \(what) of \(ForeignText(subject))\(place): \(reach.consequence)"
    }
}

extension RevocationReach {
    /// What ends when one token is revoked, for a reviewer.
    package var consequence: String {
        switch self {
        case .none: "the provider has nothing to revoke it with"
        case .token: "this ends that token alone"
        case .chain: "this ends the grant, with all tokens that came of it"
        case .userAndClient: "this ends everything that the user has granted to the client"
        case .unknown:
            "how far this reaches is not known; it may end everything that the user has granted to the client"
        }
    }
}

extension PersonNeed {
    /// What a reviewer must know ahead.
    fileprivate var suffix: String {
        switch self {
        case .none: ""
        case .maybe: "   [may need a person]"
        case .yes: "   [needs a person]"
        }
    }
}

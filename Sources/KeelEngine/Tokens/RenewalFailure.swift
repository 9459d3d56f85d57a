import KeelBase
import KeelDiagnostics
import KeelOAuth
import KeelProviders
import KeelVault

/// Why a grant was not renewed. Whatever it is, no token was deleted.
package struct RenewalFailure: Error, Sendable {
    package var failure: StepFailure
    /// Nil: it was not the provider, but this machine.
    package let failureClass: FailureClass?
    /// When it is tried again without anybody's doing; nil: not before somebody acts.
    package let retry: Timestamp?
    /// Whether nothing was asked: what an earlier failure said still holds.
    package let isOld: Bool
    /// The access token that there is, if it has not lapsed and nobody has refused it.
    package var lasting: AccessToken?

    init(
        _ failure: StepFailure, _ failureClass: FailureClass? = nil, retry: Timestamp? = nil, isOld: Bool = false,
        lasting: AccessToken? = nil
    ) {
        self.failure = failure
        self.failureClass = failureClass
        self.retry = retry
        self.isOld = isOld
        self.lasting = lasting
    }

    /// It was ended from outside: by a signal, or by a test in the place of a death.
    package init(ended reason: String, help: String? = nil, _ address: ResourceAddress? = nil) {
        let diagnostic = Diagnostic(
            .error, "engine.interrupted", reason, help: help, address: address, responsible: .operatorHere)
        self.init(StepFailure(diagnostic))
    }
}

extension ProviderFailure {
    /// What kind of trouble it is, when a grant of that type was to be renewed.
    func failureClass(of grant: GrantType) -> FailureClass {
        switch self {
        case .answered(let failure): failure.classified(grant: grant, known: ErrorCatalogue.failureClass)
        case .unreached(let failure): FailureClass(failure)
        }
    }

    /// What it says of the refresh token that was sent.
    func outcome(of grant: GrantType) -> RotationCourse.Outcome {
        switch self {
        case .unreached(let failure):
            switch failure {
            case .nameNotResolved, .refused, .unreachable, .tls, .injected, .trustUnusable, .proxy: .notJudged
            case .timedOut, .closed, .other: .lost
            }
        case .answered(let failure):
            switch failure.classified(grant: grant, known: ErrorCatalogue.failureClass) {
            case .reauthorize: .refused(mayPass: failure.standsForMuch)
            case .ambiguous: failure.kind.isUnusableSuccess ? .doubtful : .ambiguous
            case .transient: failure.mayHaveRotated ? .doubtful : .notJudged
            case .throttled, .fixClient, .fixTenant, .fixManifest, .network, .tls: .notJudged
            }
        }
    }

    /// Whether nobody should ask that endpoint for a while: it takes our requests for a loop, or throttles the whole tenant.
    var stopsEndpoint: Bool {
        guard case .answered(let failure) = self else { return false }
        return failure.evidence.numbers.contains { $0 == 50196 || $0 == 90055 }
    }
}

extension OAuthFailure {
    /// `invalid_grant` without a finer code stands for tokens that are expired, revoked or another client's, and is what some
    /// providers say while something of theirs is broken; AADSTS70000 is the same in Microsoft's numbers.
    fileprivate var standsForMuch: Bool {
        kind == .invalidGrant && evidence.suberror == nil && evidence.numbers.allSatisfy { $0 == 70000 }
    }

    /// A gateway that gave up waiting says nothing of what the server behind it did. 429 and 503 are said before.
    fileprivate var mayHaveRotated: Bool {
        if case .http = kind { return status != 503 }
        return false
    }
}

extension OAuthFailure.Kind {
    /// A success that cannot be read: whatever it held is lost.
    fileprivate var isUnusableSuccess: Bool {
        if case .malformed = self { true } else { false }
    }
}

/// How long a token endpoint is left alone.
enum EndpointRest {
    /// How many failures in a row close it to everybody.
    static let patience = 5

    /// Until when nobody should ask, after so many failures in a row; nil: ask on.
    static func until(
        _ failures: Int, _ failure: ProviderFailure, _ failureClass: FailureClass, at now: Timestamp
    ) -> Timestamp? {
        if failure.stopsEndpoint { return now.adding(seconds: longest) }
        if failureClass == .throttled, let asked = failure.retryAfter {
            return now.adding(seconds: min(max(Int64(asked), 1), longest))
        }
        guard failures >= patience else { return nil }
        return now.adding(seconds: min(Int64(30) << Int64(min(failures - patience, 4)), 300))
    }

    /// Whether such a failure says something of the endpoint and not of one grant.
    static func counts(_ failureClass: FailureClass) -> Bool {
        switch failureClass {
        case .transient, .throttled, .network, .tls: true
        case .reauthorize, .fixClient, .fixTenant, .fixManifest, .ambiguous: false
        }
    }

    /// In seconds.
    static let longest: Int64 = 900
}

import KeelBase
import KeelDiagnostics
import KeelProviders

/// Asks for what a first project needs, one question after the other; which ones there are depends on the answers. Pure:
/// whoever asks puts the questions to a person, or to the options of a command.
package struct StarterInterview: Sendable {
    package private(set) var answers: [StarterQuestion: [String]] = [:]

    package init() {}

    /// The first question that has no answer; nil when all is known.
    package var next: StarterQuestion? { questions.first { answers[$0] == nil } }

    /// The questions that are left for which nothing can be taken for granted.
    package var missing: [StarterQuestion] {
        // What else there is to answer depends on the provider.
        if answers[.provider] == nil { return [.provider] + (answers[.mailboxes] == nil ? [.mailboxes] : []) }
        var copy = self
        var missing: [StarterQuestion] = []
        while let question = copy.next {
            if let value = copy.usual(question) {
                copy.answers[question] = value
            } else {
                missing.append(question)
                copy.answers[question] = []
            }
        }
        return missing
    }

    /// The same, with what is usual for every question that is left.
    package var completed: StarterInterview {
        var copy = self
        while let question = copy.next { copy.answers[question] = copy.usual(question) ?? [] }
        return copy
    }

    /// What one can choose from; empty when the answer is free.
    package func choices(_ question: StarterQuestion) -> [StarterChoice] {
        switch question {
        case .provider: ProviderPreset.all.map { StarterChoice(value: $0.name, title: $0.title) }
        case .cloud: (preset?.clouds ?? []).map { StarterChoice(value: $0.name, title: "") }
        case .grant: offered.map { StarterChoice(value: $0.rawValue, title: Self.title($0)) }
        case .protocols: protocols.map { StarterChoice(value: $0.rawValue, title: Self.title($0)) }
        case .issuer, .server, .tenant, .clientID, .mailboxes, .name: []
        }
    }

    /// What holds when nothing is answered; nil: there must be an answer.
    package func usual(_ question: StarterQuestion) -> [String]? {
        switch question {
        case .cloud: preset?.clouds.first.map { [$0.name] }
        case .grant: offered.first.map { [$0.rawValue] }
        case .protocols: protocols.first.map { [$0.rawValue] }
        case .name: ["mail"]
        case .provider, .issuer, .server, .tenant, .clientID, .mailboxes: nil
        }
    }

    /// Takes an answer as it was typed; an empty one stands for what is usual.
    package mutating func answer(_ question: StarterQuestion, _ texts: [String]) throws(StarterMistake) {
        let parts = question.takesSeveral ? texts.flatMap { $0.split(separator: ",").map(String.init) } : texts
        let values = parts.map(Self.trimmed).filter { !$0.isEmpty }
        guard !values.isEmpty else {
            guard let usual = usual(question) else {
                throw StarterMistake(question: question, words: "it must be answered")
            }
            answers[question] = usual
            return
        }
        for value in values { try check(value, question) }
        answers[question] = values
    }

    // MARK: Which questions there are

    private var questions: [StarterQuestion] {
        var questions: [StarterQuestion] = [.provider]
        guard answers[.provider] != nil else { return questions }
        if let preset {
            if preset.clouds.count > 1 { questions.append(.cloud) }
            if !offered.isEmpty {
                if preset.needsTenant { questions.append(.tenant) }
                questions += [.grant, .clientID]
            }
        } else {
            questions += [.issuer, .server, .grant, .clientID]
        }
        return questions + [.protocols, .mailboxes, .name]
    }

    /// Nil for a provider of which nothing is known.
    var preset: ProviderPreset? {
        answers[.provider]?.first.flatMap(ProviderPreset.named).flatMap { $0.isGeneric ? nil : $0 }
    }

    var cloud: ProviderPreset.Cloud? { preset?.cloud(answers[.cloud]?.first) }

    /// The grants that make sense, the best for a service's mailboxes first; none where there are passwords only.
    private var offered: [GrantType] {
        let usual: [GrantType] = [.clientCredentials, .jwtBearer, .authorizationCode, .deviceCode]
        // Of a provider that is not known it is not known either who signs for a service account.
        guard let preset else { return usual.filter { $0 != .jwtBearer } }
        return usual.filter(preset.grants.contains)
    }

    /// What is served there, receiving first.
    private var protocols: [MailProtocol] {
        let usual: [MailProtocol] = [.imap, .smtp, .pop3]
        guard let cloud else { return usual }
        return usual.filter { type in
            guard let server = cloud.servers[type] else { return false }
            return offered.isEmpty || server.offersOAuth
        }
    }

    // MARK: Answers

    private func check(_ value: String, _ question: StarterQuestion) throws(StarterMistake) {
        let choices = choices(question).map(\.value)
        if !choices.isEmpty, !choices.contains(value) {
            let meant = Suggestion.nearest(to: value, among: choices).map { "did you mean \"\($0)\"?" }
            throw StarterMistake(
                question: question,
                words: "there is no \(quoted(value)); \(meant ?? "choose from \(choices.joined(separator: ", "))")")
        }
        guard value.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7F }) else {
            throw StarterMistake(question: question, words: "\(quoted(value)) holds a space or a control character")
        }
        if question == .issuer {
            do {
                _ = try EndpointURL(parsing: value)
            } catch {
                throw StarterMistake(question: question, words: "it \(error)")
            }
        }
    }

    private static func trimmed(_ text: String) -> String {
        let start = text.drop { $0 == " " || $0 == "\t" }
        return String(start.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }

    private static func title(_ grant: GrantType) -> String {
        switch grant {
        case .clientCredentials: "the application acts for itself, with a secret; no person is needed"
        case .jwtBearer: "a service account acts for each mailbox; no person is needed"
        case .authorizationCode: "somebody consents in a browser, once for each mailbox"
        case .deviceCode: "somebody enters a code on another device, once for each mailbox"
        case .password: "the user's password; forbidden by RFC 9700"
        }
    }

    private static func title(_ type: MailProtocol) -> String {
        switch type {
        case .smtp: "sends"
        case .imap: "receives, and leaves mail on the server"
        case .pop3: "receives"
        }
    }
}

import KeelBase
import KeelProviders

/// What somebody must know for a first project, in the order in which it is asked.
package enum StarterQuestion: String, Sendable, CaseIterable {
    case provider, cloud, issuer, server, tenant, grant
    case clientID = "client-id"
    case protocols = "protocol"
    case mailboxes = "mailbox"
    case name

    /// The option that answers it.
    package var option: String { "--\(rawValue)" }

    /// As it is asked on a terminal.
    package var prompt: String {
        switch self {
        case .provider: "Who provides the mailboxes?"
        case .cloud: "In which of its clouds?"
        case .issuer: "The issuer of its tokens, as its metadata name it (https://...)?"
        case .server: "The mail server's host name?"
        case .tenant: "The tenant's id or domain?"
        case .grant: "How are tokens obtained?"
        case .clientID: "The client id of the application that is registered there?"
        case .protocols: "Which protocols? (several: with commas)"
        case .mailboxes: "Which mailboxes? (several: with commas)"
        case .name: "What is this project called?"
        }
    }

    /// Whether there may be several answers.
    var takesSeveral: Bool { self == .protocols || self == .mailboxes }
}

/// Why an answer does not do.
package struct StarterMistake: Error, Sendable, Equatable {
    package let question: StarterQuestion
    /// What is wrong with it, in a few words.
    package let words: String

    package init(question: StarterQuestion, words: String) {
        self.question = question
        self.words = words
    }
}

/// What one can choose from.
package struct StarterChoice: Sendable, Equatable {
    package let value: String
    /// What it means, for people.
    package let title: String
}

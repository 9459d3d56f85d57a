import FuzzDriver
import FuzzTalk
import KeelMail

/// Any bytes as a POP3 server's side of a login, and of the search for a message.
@main
struct Main {
    static func main() {
        let talk = FuzzTalk([.command] + FuzzTalk.mechanisms + [.apop], task: .find(messageID: "<1@x>")) {
            POP3Probe($0)
        }
        FuzzDriver.main { talk.play($0) }
    }
}

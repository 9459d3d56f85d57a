import FuzzDriver
import FuzzTalk
import KeelMail

/// Any bytes as an IMAP server's side of a login, and of the search for a message.
@main
struct Main {
    static func main() {
        let talk = FuzzTalk(FuzzTalk.mechanisms + [.command], task: .find(messageID: "<1@x>")) { IMAPLoginProbe($0) }
        FuzzDriver.main { talk.play($0) }
    }
}

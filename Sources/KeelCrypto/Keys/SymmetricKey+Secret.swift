import Crypto
import KeelBase

extension Secret {
    /// The same bytes as the library wants them; it wipes its copy as `Secret` does.
    var symmetricKey: SymmetricKey {
        withBytes { span in
            unsafe span.withUnsafeBytes { unsafe SymmetricKey(data: $0) }
        }
    }
}

extension SymmetricKey {
    /// The same bytes as the rest of the program wants them.
    var secret: Secret {
        unsafe withUnsafeBytes { unsafe Secret(copying: Array($0)) }
    }
}

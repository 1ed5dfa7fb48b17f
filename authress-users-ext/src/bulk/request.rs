/// A request that a [`BulkStream`](crate::BulkStream) sends for each item.
///
/// This is [`DeleteUser`](crate::DeleteUser), [`GetUser`](crate::GetUser) or
/// [`LinkTenantUser`](crate::LinkTenantUser).
pub trait BulkRequest: sealed::Sealed + 'static {
    /// Identifies the target of a request.
    type Id: Send + 'static;
    /// What a successful request returns.
    type Value: Send + 'static;
}

pub(super) mod sealed {
    pub trait Sealed {}
}

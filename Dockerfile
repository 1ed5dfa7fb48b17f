# The command line of the contract crate, as a static binary without a shell or other files.
#
#   docker build --tag authress-users-contract .
#   docker run --rm --publish 8888:8888 authress-users-contract mock --host 0.0.0.0 --users 10
FROM rust:1-alpine AS build
RUN apk add --no-cache build-base cmake perl ca-certificates
WORKDIR /src
COPY . .
RUN cargo build --release --locked --package authress-users-contract --features cli \
    --bin authress-users-contract

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /src/target/release/authress-users-contract /authress-users-contract
# A user without a name and without rights.
USER 65532:65532
EXPOSE 8888
ENTRYPOINT ["/authress-users-contract"]
CMD ["mock", "--host", "0.0.0.0"]

// SPDX-License-Identifier: Apache-2.0
//
// A stock gRPC C++ server, callback API, whose Reserve knows one answer: what the library takes
// before anybody has decided anything. ops/bench builds it with Debian's packages and drives it as
// it drives Stockade.
//
// Prints `ready HOST:PORT` when it listens; ends at SIGTERM.

#include <grpcpp/grpcpp.h>

#include <cstdio>

#include "stockade/v1/reservation_service.grpc.pb.h"

namespace api = stockade::v1;

class Reservations final : public api::ReservationService::CallbackService {
public:
    Reservations() {
        auto *reservation = answer_.mutable_reservation();
        reservation->set_reservation_id("0123456789abcdef");
        reservation->set_brand("brand");
        reservation->set_dealer("dealer-1");
        reservation->set_state(api::RESERVATION_STATE_HELD);
        reservation->set_created_ms(1);
        reservation->set_deadline_ms(900'001);
        auto *line = reservation->add_lines();
        line->set_line_number(1);
        line->set_granted(1);
        auto *allocation = line->add_allocations();
        allocation->set_warehouse("main");
        allocation->set_quantity(1);
    }

    grpc::ServerUnaryReactor *Reserve(grpc::CallbackServerContext *context,
                                      const api::ReserveRequest *,
                                      api::ReserveResponse *response) override {
        *response = answer_;
        auto *reactor = context->DefaultReactor();
        reactor->Finish(grpc::Status::OK);
        return reactor;
    }

private:
    api::ReserveResponse answer_;
};

int main() {
    Reservations service;
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    // As many as a client of ours has in flight on one connection.
    builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, 256);
    builder.RegisterService(&service);
    auto server = builder.BuildAndStart();
    if (!server) {
        std::fprintf(stderr, "it doesn't listen\n");
        return 1;
    }
    std::printf("ready 127.0.0.1:%d\n", port);
    std::fflush(stdout);
    server->Wait();
}

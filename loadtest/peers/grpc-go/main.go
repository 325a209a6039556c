// SPDX-License-Identifier: Apache-2.0

// A stock grpc-go server whose Reserve knows one answer: what the library takes before anybody has
// decided anything. ops/bench builds it with Debian's packages and drives it as it drives Stockade.
//
// Prints `ready HOST:PORT` when it listens; ends at SIGTERM.
package main

import (
	"context"
	"fmt"
	"net"
	"os"

	"google.golang.org/grpc"

	api "stockade/v1"
)

type reservations struct {
	*api.UnimplementedReservationServiceServer
	answer *api.ReserveResponse
}

func (service reservations) Reserve(
	context.Context, *api.ReserveRequest,
) (*api.ReserveResponse, error) {
	return service.answer, nil
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	answer := &api.ReserveResponse{Reservation: &api.Reservation{
		ReservationId: []byte("0123456789abcdef"),
		Brand:         "brand",
		Dealer:        "dealer-1",
		State:         api.ReservationState_RESERVATION_STATE_HELD,
		CreatedMs:     1,
		DeadlineMs:    900_001,
		Lines: []*api.LineResult{{
			LineNumber:  1,
			Granted:     1,
			Allocations: []*api.Allocation{{Warehouse: "main", Quantity: 1}},
		}},
	}}
	// As many as a client of ours has in flight on one connection.
	server := grpc.NewServer(grpc.MaxConcurrentStreams(256))
	api.RegisterReservationServiceServer(server, reservations{answer: answer})
	fmt.Println("ready", listener.Addr())
	if err := server.Serve(listener); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

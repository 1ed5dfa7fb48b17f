//! A server of prepared pages over HTTP/1.1.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use crate::pages::Coding;

/// Starts a server that runs until the process ends.
pub(crate) fn start(coding: Coding, pages: Vec<Vec<u8>>) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let pages = Arc::new(pages);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let pages = pages.clone();
            // A closed connection ends its thread.
            thread::spawn(move || serve(&stream, coding, &pages));
        }
    });
    Ok(address)
}

fn serve(stream: &TcpStream, coding: Coding, pages: &[Vec<u8>]) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut lines = BufReader::new(stream).lines();
    while let Some(request) = lines.next().transpose()? {
        for line in lines.by_ref() {
            if line?.is_empty() {
                break;
            }
        }
        let cursor = request.split_once("cursor=").map(|(_, rest)| rest);
        let number = cursor.and_then(|rest| rest.split(['&', ' ']).next()?.parse().ok());
        let Some(page) = pages.get(number.unwrap_or(0_usize)) else {
            return Err(io::Error::other("unexpected request"));
        };
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/links+json\r\ncontent-encoding: {}\r\n\
             content-length: {}\r\n\r\n",
            coding.name(),
            page.len()
        );
        let mut stream = stream;
        stream.write_all(&[head.as_bytes(), page].concat())?;
    }
    Ok(())
}

//! The items that the games have published, and what they cost.

use crate::item::ClientError;
use std::collections::HashMap;

/// How many products one app can have.
const MAX_PRODUCTS: usize = 10_000;

pub(crate) struct Products {
    apps: Vec<HashMap<String, i64>>,
}

impl Products {
    pub(crate) fn new(apps: usize) -> Products {
        Products {
            apps: vec![HashMap::new(); apps],
        }
    }

    /// Publishes a product at a price in fen; false when there is no room for another.
    pub(crate) fn set(&mut self, app: usize, product_id: &str, price: i64) -> bool {
        let products = &mut self.apps[app];
        if products.len() >= MAX_PRODUCTS && !products.contains_key(product_id) {
            return false;
        }
        products.insert(product_id.to_owned(), price);
        true
    }

    /// Whether a product costs this much. Everything is for sale, at any price, while nothing is published.
    pub(crate) fn check(
        &self,
        app: usize,
        product_id: &str,
        price: i64,
    ) -> Result<(), ClientError> {
        let products = &self.apps[app];
        if products.is_empty() {
            return Ok(());
        }
        let Some(published) = products.get(product_id) else {
            return Err(ClientError::of(3017, "productId", "is not published"));
        };
        if *published != price {
            let why = format!("differs: the product costs {published} fen");
            return Err(ClientError::of(-15016, "goodsPrice", &why));
        }
        Ok(())
    }
}
